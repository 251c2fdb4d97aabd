//! The queue as a Redis stream with a consumer group.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::{
    AsyncConnectionConfig, Client, RedisError, RedisResult, Value,
    aio::MultiplexedConnection,
    cmd, from_redis_value,
    streams::{StreamAutoClaimReply, StreamId, StreamReadReply},
};
use tokio::sync::Mutex;

use super::{Added, Answer, ClaimedJob, IndexJob, JobQueue, LEASE, QueueError};

/// How long to wait for a connection, and for an answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// What a run leaves behind goes away by itself.
const KEPT_SECONDS: u32 = 3_600;
const GROUP: &str = "indexers";
const CONSUMER: &str = "worker";
/// The field of a stream entry that holds the job.
const FIELD: &str = "job";

/// A stream has no unique entries: a set beside it remembers what waits. One script, so that none is lost
/// between the two.
const ADD: &str = "
    if redis.call('SADD', KEYS[2], ARGV[1]) == 0 then return 0 end
    redis.call('XADD', KEYS[1], '*', 'job', ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    redis.call('EXPIRE', KEYS[2], ARGV[2])
    return 1";

const COMPLETE: &str = "
    redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
    redis.call('SREM', KEYS[2], ARGV[3])
    return redis.call('XDEL', KEYS[1], ARGV[2])";

/// A stream of jobs. It belongs to one run, so that two runs on one server don't meet.
pub(crate) struct RedisQueue {
    client: Client,
    address: String,
    stream: String,
    known: String,
    /// Dropped after an error: the next call connects anew.
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl RedisQueue {
    /// A queue on the server with this address. Doesn't connect yet.
    ///
    /// # Errors
    /// If the address can't be understood.
    pub(crate) fn new(address: &str) -> Result<Self, QueueError> {
        let client = Client::open(address)?;
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let run = format!("contact_import:{}-{}", std::process::id(), since_epoch.as_nanos());
        Ok(Self {
            address: client.get_connection_info().addr().to_string(),
            client,
            stream: format!("{run}:jobs"),
            known: format!("{run}:known"),
            connection: Mutex::new(None),
        })
    }

    /// The open connection, or a new one with the consumer group in place.
    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = &*slot {
            return Ok(connection.clone());
        }
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        self.create_group(&mut connection).await?;
        Ok(slot.insert(connection).clone())
    }

    async fn create_group(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let created: RedisResult<()> = cmd("XGROUP")
            .arg("CREATE")
            .arg(&self.stream)
            .arg(GROUP)
            .arg("0")
            .arg("MKSTREAM")
            .query_async(connection)
            .await;
        match created {
            Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
            other => other,
        }
    }

    /// Sends one command; forgets the connection if it broke.
    async fn call<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, QueueError> {
        let mut connection = self.connection().await?;
        let answer = command.query_async(&mut connection).await;
        if let Err(error) = &answer
            && out_of_reach(error)
        {
            *self.connection.lock().await = None;
        }
        Ok(answer?)
    }

    async fn claim_entry(&self) -> Result<Option<StreamId>, QueueError> {
        let new: Option<StreamReadReply> = self
            .call(
                cmd("XREADGROUP")
                    .arg("GROUP")
                    .arg(GROUP)
                    .arg(CONSUMER)
                    .arg("COUNT")
                    .arg(1)
                    .arg("STREAMS")
                    .arg(&self.stream)
                    .arg(">"),
            )
            .await?;
        if let Some(entry) =
            new.and_then(|reply| reply.keys.into_iter().next()).and_then(|key| key.ids.into_iter().next())
        {
            return Ok(Some(entry));
        }
        let lease = u64::try_from(LEASE.as_millis()).unwrap_or(u64::MAX);
        let overdue: StreamAutoClaimReply = self
            .call(cmd("XAUTOCLAIM").arg(&self.stream).arg(GROUP).arg(CONSUMER).arg(lease).arg("0").arg("COUNT").arg(1))
            .await?;
        Ok(overdue.claimed.into_iter().next())
    }
}

impl JobQueue for RedisQueue {
    fn name(&self) -> String {
        format!("Redis Streams at {}", self.address)
    }

    fn ping(&self) -> Answer<'_, ()> {
        Box::pin(async { self.call(&cmd("PING")).await.map(|_: Value| ()) })
    }

    fn add<'a>(&'a self, job: &'a IndexJob) -> Answer<'a, Added> {
        Box::pin(async move {
            let payload = serde_json::to_string(job)?;
            let mut add = cmd("EVAL");
            add.arg(ADD).arg(2).arg(&self.stream).arg(&self.known).arg(payload).arg(KEPT_SECONDS);
            let added: u32 = self.call(&add).await?;
            Ok(if added == 1 { Added::New } else { Added::Known })
        })
    }

    fn claim(&self) -> Answer<'_, Option<ClaimedJob>> {
        Box::pin(async {
            let Some(StreamId { id, mut map, .. }) = self.claim_entry().await? else { return Ok(None) };
            let payload: String =
                from_redis_value(map.remove(FIELD).unwrap_or(Value::Nil)).map_err(RedisError::from)?;
            ClaimedJob::new(id, payload).map(Some)
        })
    }

    fn complete(&self, job: ClaimedJob) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut complete = cmd("EVAL");
            complete.arg(COMPLETE).arg(2).arg(&self.stream).arg(&self.known);
            complete.arg(GROUP).arg(job.receipt).arg(job.payload);
            self.call(&complete).await.map(|_: Value| ())
        })
    }

    fn waiting(&self) -> Answer<'_, u64> {
        Box::pin(async { self.call(cmd("XLEN").arg(&self.stream)).await })
    }

    fn clear(&self) -> Answer<'_, ()> {
        Box::pin(async {
            let _: Value = self.call(cmd("DEL").arg(&self.stream).arg(&self.known)).await?;
            // The group went with the stream; the next call makes both anew.
            *self.connection.lock().await = None;
            Ok(())
        })
    }
}

fn out_of_reach(error: &RedisError) -> bool {
    error.is_io_error() || error.is_timeout() || error.is_connection_refusal() || error.is_connection_dropped()
}

impl From<RedisError> for QueueError {
    fn from(error: RedisError) -> Self {
        if out_of_reach(&error) { Self::OutOfReach(error.into()) } else { Self::Refused(error.into()) }
    }
}
