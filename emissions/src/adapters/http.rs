//! Events to another service, over HTTP.

use std::{fmt, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode, Uri,
    body::{Bytes, Incoming},
    header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::{
    envelope::RawEnvelope,
    listener::BoxError,
    pipeline::{
        adapter::Adapter,
        capabilities::Capabilities,
        delivery::{Delivery, Settlement},
    },
    wire::{Binding, Message},
};

/// How long, and up to how many bytes, the body of an answer is read.
const LONGEST_BODY: Duration = Duration::from_millis(200);
const LARGEST_BODY: usize = 64 * 1024;

/// Longest time a server's `Retry-After` is believed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// Posts each event to a URL (`CloudEvents` HTTP Protocol Binding 1.0.2), one request per event, in
/// their order, over kept-alive connections.
///
/// 2xx acknowledges. 408, 425, 429, 5xx and broken connections are tried again, not before the
/// server's `Retry-After`; everything else, redirects included, is refused.
///
/// Plain HTTP/1.1 only: put TLS into a proxy beside the service.
///
/// ```
/// use emissions::adapters::{Http, HttpMode};
///
/// let hook = Http::to("http://127.0.0.1:8080/hooks/orders")?
///     .mode(HttpMode::Structured)
///     .header("authorization", "Bearer 0123")?;
/// # drop(hook);
/// assert!(Http::to("ftp://example.org").is_err());
/// # Ok::<(), emissions::adapters::InvalidEndpoint>(())
/// ```
#[derive(Clone)]
pub struct Http {
    uri: Uri,
    mode: HttpMode,
    headers: HeaderMap,
    max_bytes: Option<usize>,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// How an event is laid out in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpMode {
    /// Attributes in headers `ce-…`, the payload as body.
    #[default]
    Binary,
    /// The whole event as a JSON body.
    Structured,
}

/// The text is no URL, or no header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}")]
pub struct InvalidEndpoint {
    text: String,
    what: &'static str,
}

impl Http {
    /// Posts to this URL.
    ///
    /// # Errors
    ///
    /// It is no absolute URL with the scheme `http`.
    pub fn to(url: impl AsRef<str>) -> Result<Self, InvalidEndpoint> {
        let text = url.as_ref();
        let invalid = || InvalidEndpoint { text: text.to_owned(), what: "URL such as `http://127.0.0.1:8080/hook`" };
        let uri: Uri = text.parse().map_err(|_| invalid())?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err(invalid());
        }
        let client = Client::builder(TokioExecutor::new()).build_http();
        Ok(Self { uri, mode: HttpMode::default(), headers: HeaderMap::new(), max_bytes: None, client })
    }

    /// How an event is laid out; [`HttpMode::Binary`] unless set.
    #[must_use]
    pub fn mode(mut self, mode: HttpMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sends a header with every request.
    ///
    /// # Errors
    ///
    /// The name or the value is none.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, InvalidEndpoint> {
        let invalid = |text: &str, what| InvalidEndpoint { text: text.to_owned(), what };
        let parsed: HeaderName = name.parse().map_err(|_| invalid(name, "name of a header"))?;
        // The value may be a secret.
        let mut value: HeaderValue =
            value.parse().map_err(|_| invalid(name, "header with a value that HTTP can carry"))?;
        value.set_sensitive(true);
        self.headers.insert(parsed, value);
        Ok(self)
    }

    /// The largest payload the other side takes, in bytes.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    fn request(&self, event: &RawEnvelope) -> Result<Request<Full<Bytes>>, BoxError> {
        let Message { headers, body, .. } = match self.mode {
            HttpMode::Binary => event.to_binary(Binding::Http)?,
            HttpMode::Structured => event.to_structured_message()?,
        };
        let mut request = Request::new(Full::new(Bytes::from_owner(body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        Ok(request)
    }

    async fn post(&self, event: &RawEnvelope) -> Settlement {
        if let Some(limit) = self.max_bytes.filter(|limit| event.payload.len() > *limit) {
            let bytes = event.payload.len();
            return Settlement::refused(format!("the event has {bytes} bytes, and the server takes {limit} at most"));
        }
        let request = match self.request(event) {
            Ok(request) => request,
            Err(error) => return Settlement::refused(error),
        };
        let response = match self.client.request(request).await {
            Ok(response) => response,
            Err(error) => return Settlement::retry(error),
        };
        let settlement = settle(response.status(), retry_after(response.headers()));
        // Read to its end, so that the connection can be used again. Whatever comes of that, the
        // server has answered: a body that never ends must not turn a success into another try.
        let _ = tokio::time::timeout(LONGEST_BODY, drain(response.into_body())).await;
        settlement
    }
}

/// Reads up to the limit; what is longer is not worth the connection.
async fn drain(mut body: Incoming) {
    let mut read = 0_usize;
    while let Some(Ok(frame)) = body.frame().await {
        read = read.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if read > LARGEST_BODY {
            break;
        }
    }
}

fn settle(status: StatusCode, after: Option<Duration>) -> Settlement {
    let passing = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS);
    let answer = format!("the server answered {status}");
    if status.is_success() {
        Settlement::Acked
    } else if passing || status.is_server_error() {
        match after {
            Some(after) => Settlement::retry_after(answer, after),
            None => Settlement::retry(answer),
        }
    } else {
        Settlement::refused(answer)
    }
}

/// RFC 9110, section 10.2.3: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let after = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            Duration::try_from(date.duration_since(jiff::Timestamp::now())).unwrap_or_default()
        }
    };
    Some(after.min(LONGEST_RETRY_AFTER))
}

impl Adapter for Http {
    fn capabilities(&self) -> Capabilities {
        // What a webhook has acknowledged is its own; the status says that it took responsibility.
        let capabilities = Capabilities::default().ordered().durable().headers();
        self.max_bytes.map_or(capabilities, |bytes| capabilities.max_bytes(bytes))
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        let mut settlements: Vec<Settlement> = Vec::with_capacity(batch.len());
        for (index, event) in batch.iter().enumerate() {
            let behind = event.partition_key.is_some()
                && batch[..index].iter().zip(&settlements).any(|(earlier, settlement)| {
                    earlier.partition_key == event.partition_key && matches!(settlement, Settlement::Retry { .. })
                });
            settlements.push(if behind {
                Settlement::retry("an earlier event of its key has not been taken")
            } else {
                self.post(event).await
            });
        }
        settlements.into_iter().collect()
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("uri", &self.uri).field("mode", &self.mode).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(&headers("7")), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers("Wed, 21 Oct 2015 07:28:00 GMT")), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers("Fri, 01 Jan 2100 00:00:00 GMT")), Some(LONGEST_RETRY_AFTER));
        assert_eq!(retry_after(&headers("99999999999")), Some(LONGEST_RETRY_AFTER));
        assert_eq!(retry_after(&headers("soon")), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
