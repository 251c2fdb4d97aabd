//! The queue on a real Redis server: started here, stopped here, on a free port of the loopback.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    contact_import::{
        account::UserId,
        queue::{IndexJob, JobQueue, contract, redis::RedisQueue},
    },
    example::{Finished, Running, run},
};

/// A server that keeps nothing on disk; killed when this is dropped.
struct RedisServer {
    port: u16,
    directory: PathBuf,
    child: Option<Child>,
}

impl RedisServer {
    /// A server that isn't started yet, or `None` if there is none on this machine.
    ///
    /// # Panics
    /// With `CI=true` there has to be one.
    fn find() -> Option<Self> {
        let found = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_ok();
        if !found {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI needs redis-server on the PATH");
            // Written past the test harness, which would keep it to itself.
            let _ = writeln!(std::io::stderr(), "left out: redis-server is not on the PATH");
            return None;
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr());
        let port = port.expect("a free port").port();
        let directory = std::env::temp_dir().join(format!("emissions-redis-{}-{port}", std::process::id()));
        fs::create_dir_all(&directory).expect("the temporary directory is writable");
        Some(Self { port, directory, child: None })
    }

    fn started() -> Option<Self> {
        let mut server = Self::find()?;
        server.start();
        Some(server)
    }

    fn start(&mut self) {
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(&self.directory)
            .stdout(Stdio::null())
            .spawn();
        self.child = Some(child.expect("redis-server starts"));
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.command("PING").is_none_or(|answer| answer != "+PONG") {
            assert!(Instant::now() < deadline, "redis-server does not answer");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("ours to kill");
            child.wait().expect("it ended");
        }
    }

    /// The first line of the server's answer; `None` if there is no server.
    fn command(&self, command: &str) -> Option<String> {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        socket.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        let mut answer = [0; 512];
        let length = socket.read(&mut answer).ok()?;
        String::from_utf8_lossy(&answer[..length]).lines().next().map(str::to_owned)
    }

    fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Undoes the wrapping.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_success(run: &Finished) {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("each checked: all hold"), "{}", run.stdout);
}

#[tokio::test]
async fn keeps_the_contract() {
    let Some(mut server) = RedisServer::started() else { return };
    let queue = RedisQueue::new(&server.address()).expect("an address");
    contract::holds(&queue).await.expect("the queue answers");

    // A server that comes back empty is a queue again, group and all.
    server.stop();
    let refusal = queue.ping().await.expect_err("nobody is there");
    assert_eq!(refusal.to_string(), "the job queue is out of reach");
    server.start();
    contract::holds(&queue).await.expect("the queue answers");
}

#[tokio::test]
async fn a_job_whose_lease_ran_out_is_handed_out_again() {
    let Some(server) = RedisServer::started() else { return };
    let queue = RedisQueue::new(&server.address()).expect("an address");
    let job = IndexJob { user_id: UserId::new(1), emails: vec!["a@x.test".into()] };
    queue.add(&job).await.expect("added");
    let first = queue.claim().await.expect("answered").expect("a job");
    assert!(queue.claim().await.expect("answered").is_none());

    // Time passes: the entry has been idle for an hour.
    let client = redis::Client::open(server.address()).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("connected");
    let streams: Vec<String> = redis::cmd("KEYS").arg("*:jobs").query_async(&mut connection).await.expect("listed");
    let [stream] = &streams[..] else { panic!("one stream: {streams:?}") };
    let aged: redis::Value = redis::cmd("EVAL")
        .arg(
            "local e = redis.call('XRANGE', KEYS[1], '-', '+')[1][1]
              return redis.call('XCLAIM', KEYS[1], 'indexers', 'worker', 0, e, 'IDLE', 3600000, 'JUSTID')",
        )
        .arg(1)
        .arg(stream)
        .query_async(&mut connection)
        .await
        .expect("claimed");
    assert!(matches!(&aged, redis::Value::Array(ids) if ids.len() == 1), "{aged:?}");

    let second = queue.claim().await.expect("answered").expect("the same job");
    assert_eq!(first.job, second.job);
    queue.complete(second).await.expect("done");
    assert_eq!(queue.waiting().await.expect("answered"), 0);
}

#[test]
fn an_injected_outage_and_nothing_left_behind() {
    let Some(server) = RedisServer::started() else { return };
    let run = run(["--queue", &server.address(), "--contacts", "450"]);
    assert_success(&run);
    assert!(run.stdout.contains(&format!("Queue:    Redis Streams at 127.0.0.1:{}", server.port)), "{}", run.stdout);
    assert!(run.stdout.contains("5 jobs worked off, 450 people indexed"), "{}", run.stdout);
    assert_eq!(server.command("DBSIZE").as_deref(), Some(":0"), "a run takes its keys with it");
}

#[test]
fn a_server_stopped_for_real_in_both_acts() {
    let Some(mut server) = RedisServer::started() else { return };
    let mut running = Running::start(["--queue", &server.address(), "--outage", "real", "--contacts", "450"]);
    for _act in 1..=2 {
        running.wait_for("waiting for you to stop the queue");
        server.stop();
        running.wait_for("waiting for you to start the queue");
        server.start();
    }
    let run = running.finish();
    assert_success(&run);
    let said = on_one_line(&run.stdout);
    for refusal in ["enqueue_index_jobs failed", "enqueue_index_jobs (gate) failed"] {
        let refusal = format!("{refusal}: the job queue is out of reach: Connection refused (os error");
        assert!(said.contains(&refusal), "the refusals are real:\n{}", run.stdout);
    }
    assert_eq!(server.command("DBSIZE").as_deref(), Some(":0"));
}

#[test]
fn a_server_that_is_down_from_the_start_is_a_real_outage() {
    let Some(mut server) = RedisServer::find() else { return };
    let mut running = Running::start(["--queue", &server.address(), "--contacts", "450"]);
    running.wait_for("waiting for you to start the queue");
    server.start();
    let run = running.finish();
    assert_success(&run);
    assert!(on_one_line(&run.stdout).contains("enqueue_index_jobs failed: the job queue is out of reach: Connection"));
}
