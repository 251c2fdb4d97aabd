//! A webhook on loopback, and how the adapter takes its answers.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use emissions::{
    Adapter, AdapterOptions, Emissions, RawEnvelope, Settlement, Uuid,
    adapters::{Http, Memory},
    dead_letter::ParkReason,
    event,
    wire::Binding,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::support::only;

/// A real server that keeps what it is sent.
pub(crate) struct Hook {
    url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    received: Vec<RawEnvelope>,
    headers: Vec<Vec<(String, String)>>,
    turned_away: Option<Uuid>,
    /// Answers to the next requests, instead of 204.
    answers: Vec<&'static str>,
}

impl Hook {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("it is bound"));
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that goes away is no concern of the server's.
                    let _ = serve(stream, &state).await;
                });
            }
        });
        Self { url, state }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn received(&self) -> Vec<RawEnvelope> {
        self.state.lock().unwrap().received.clone()
    }

    pub(crate) fn turn_away(&self, event_id: Option<Uuid>) {
        self.state.lock().unwrap().turned_away = event_id;
    }

    fn answer(&self, answers: &[&'static str]) {
        self.state.lock().unwrap().answers = answers.iter().rev().copied().collect();
    }
}

async fn serve(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        assert!(line.starts_with("POST /hook HTTP/1.1"), "{line}");
        let mut headers = Vec::new();
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length").expect("the body has a length");
        let mut body = vec![0; length.1.parse().expect("it is a number")];
        stream.read_exact(&mut body).await?;
        let answer = {
            let mut state = state.lock().unwrap();
            let event = RawEnvelope::from_message(Binding::Http, headers.clone(), body).expect("it is an event");
            state.headers.push(headers);
            let answer = if state.turned_away == Some(event.event_id) {
                "503 Service Unavailable\r\nretry-after: 0"
            } else {
                state.answers.pop().unwrap_or("204 No Content")
            };
            if answer.starts_with('2') {
                state.received.push(event);
            }
            answer
        };
        let length = if answer.starts_with("204") { "" } else { "content-length: 0\r\n" };
        stream.write_all(format!("HTTP/1.1 {answer}\r\n{length}\r\n").as_bytes()).await?;
    }
}

/// A door was opened.
#[event(name = "door.opened")]
pub(crate) struct DoorOpened {
    /// Door that was opened.
    #[field(key)]
    door_id: u64,
}

async fn start(http: Http) -> Emissions {
    let options = AdapterOptions::default().retry(3, Duration::from_millis(1), Duration::from_millis(2));
    only(module_path!())
        .adapter_with("hook", http, options.without_breaker())
        .route("**", "hook")
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn overload_is_tried_again_and_the_rest_is_refused() {
    let hook = Hook::start().await;
    let emissions = start(Http::to(hook.url()).unwrap().header("authorization", "Bearer 0123").unwrap()).await;
    hook.answer(&["429 Too Many Requests\r\nretry-after: 0", "502 Bad Gateway"]);
    let gate = emissions.emit_async(DoorOpened { door_id: 1 }).await.unwrap();
    assert_eq!(gate.report().get("hook").unwrap().attempts, 3);
    assert_eq!(hook.received()[0].decode::<DoorOpened>().unwrap().payload.door_id, 1);
    {
        let state = hook.state.lock().unwrap();
        let header = |name: &str| state.headers[0].iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        assert_eq!(header("ce-type"), Some("door.opened.v1"));
        assert_eq!(header("ce-partitionkey"), Some("1"));
        assert_eq!(header("content-type"), Some("application/json"));
        assert_eq!(header("authorization"), Some("Bearer 0123"));
    }

    for answer in ["400 Bad Request", "302 Found\r\nlocation: /elsewhere", "410 Gone"] {
        hook.answer(&[answer]);
        let error = emissions.emit_async(DoorOpened { door_id: 2 }).await.unwrap_err();
        assert_eq!(error.failures()[0].attempts, 1, "{answer} is not tried again");
    }
    hook.answer(&["404 Not Found"]);
    let _ = emissions.emit(DoorOpened { door_id: 3 }).unwrap();
    let report = emissions.shutdown(Duration::from_secs(5)).await;
    assert_eq!(report.lost, 0);
    let counters = emissions.adapter_counters("hook").unwrap();
    assert_eq!((counters.acked, counters.returned, counters.parked), (1, 3, 1), "{counters:?}");
    let letters = emissions.dead_letters().list().await.unwrap();
    assert_eq!(
        (letters[0].reason, letters[0].errors.as_slice()),
        (ParkReason::Refused, &["the server answered 404 Not Found".to_owned()][..])
    );
}

/// That the pipeline waits for as long as a settlement says is tested with the pipeline, where the
/// clock is the test's.
#[tokio::test]
async fn the_time_the_server_asks_for_goes_to_the_pipeline() {
    let (hook, source) = (Hook::start().await, Memory::new());
    let emissions = only(module_path!()).adapter("memory", source.clone()).route("**", "memory").start().await.unwrap();
    let _ = emissions.emit(DoorOpened { door_id: 1 }).unwrap();
    let batch = source.wait_for(1).await;
    let http = Http::to(hook.url()).unwrap();
    let cases = [
        ("429 Too Many Requests\r\nretry-after: 77", Some(Duration::from_secs(77))),
        ("503 Service Unavailable\r\nretry-after: Sat, 01 Jan 2000 00:00:00 GMT", Some(Duration::ZERO)),
        ("503 Service Unavailable\r\nretry-after: 86400", Some(Duration::from_hours(1))),
        ("503 Service Unavailable\r\nretry-after: soon", None),
        ("500 Internal Server Error", None),
    ];
    for (answer, expected) in cases {
        hook.answer(&[answer]);
        let settlements = http.deliver(&batch).await.into_settlements();
        let [Settlement::Retry { after, .. }] = settlements[..] else { panic!("{answer}: {settlements:?}") };
        assert_eq!(after, expected, "{answer}");
    }
}

/// A server that sends this to everybody once it has the head of a request, and then does what `end` says.
async fn rude(answer: &'static str, end: End) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                match end {
                    End::Close => {}
                    End::Hang => std::future::pending().await,
                    End::GoOn => while stream.write_all(&[b'x'; 4096]).await.is_ok() {},
                }
            });
        }
    });
    url
}

#[derive(Clone, Copy)]
enum End {
    Close,
    Hang,
    GoOn,
}

#[tokio::test]
async fn an_answer_counts_from_its_head_on_and_not_before() {
    let cut_off = ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\ncontent-le", "no HTTP at all\r\n\r\n"];
    for answer in cut_off {
        let emissions = start(Http::to(rude(answer, End::Close).await).unwrap()).await;
        let error = emissions.emit_async(DoorOpened { door_id: 1 }).await.unwrap_err();
        assert_eq!(error.failures()[0].attempts, 3, "{answer:?} is tried again");
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n{";
    let chunked = "HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab";
    for (answer, end) in
        [(head, End::Close), (head, End::Hang), (head, End::GoOn), (chunked, End::Close), (chunked, End::Hang)]
    {
        let emissions = start(Http::to(rude(answer, end).await).unwrap()).await;
        let gate = emissions.emit_async(DoorOpened { door_id: 1 }).await.unwrap();
        assert_eq!(gate.report().get("hook").unwrap().attempts, 1, "the server has taken it");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_for_now() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    drop(listener);
    let emissions = start(Http::to(url).unwrap()).await;
    let error = emissions.emit_async(DoorOpened { door_id: 1 }).await.unwrap_err();
    assert_eq!(error.failures()[0].attempts, 3);
    assert!(!error.to_string().is_empty());
}

#[test]
fn what_is_no_endpoint_is_refused() {
    for url in ["", "/hook", "https://example.org/", "http://", "ftp://example.org/"] {
        assert!(Http::to(url).is_err(), "{url}");
    }
    let error = Http::to("http://127.0.0.1/").unwrap().header("x-secret", "a\nb").unwrap_err();
    assert!(!error.to_string().contains('a') || error.to_string().contains("x-secret"), "{error}");
}
