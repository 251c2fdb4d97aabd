//! A client of HTTP/1.1 that does just what the tests need.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// One connection, kept alive.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

/// A response.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

impl Reply {
    /// The number of the order that was taken, wherever the response has it.
    pub(crate) fn order_id(&self) -> Option<u64> {
        match &self.location {
            Some(location) => location.strip_prefix("/?order=")?.parse().ok(),
            None => serde_json::from_str::<serde_json::Value>(&self.body).ok()?["order_id"].as_u64(),
        }
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    pub(crate) async fn get(&mut self, path: &str) -> io::Result<Reply> {
        self.send("GET", path, "text/plain", "").await?;
        self.receive().await
    }

    /// Orders by the API.
    pub(crate) async fn order(&mut self, customer: &str, pieces: u32) -> io::Result<Reply> {
        let order = serde_json::json!({ "customer": customer, "article": "cards", "pieces": pieces });
        self.send("POST", "/api/orders", "application/json", &order.to_string()).await?;
        self.receive().await
    }

    /// Orders by the form of the page.
    pub(crate) async fn order_by_form(&mut self, customer: &str, pieces: u32) -> io::Result<Reply> {
        let form = format!("customer={customer}&article=cards&pieces={pieces}");
        self.send("POST", "/orders", "application/x-www-form-urlencoded", &form).await?;
        self.receive().await
    }

    pub(crate) async fn send(&mut self, method: &str, path: &str, kind: &str, body: &str) -> io::Result<()> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: shop\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await
    }

    /// The response; an error if the server closes the connection without one.
    pub(crate) async fn receive(&mut self) -> io::Result<Reply> {
        let status = self.line().await?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
        let (mut length, mut location) = (0, None);
        loop {
            let line = self.line().await?;
            match line.split_once(": ") {
                None => break,
                Some(("content-length", value)) => length = value.parse().map_err(io::Error::other)?,
                Some(("location", value)) => location = Some(value.to_owned()),
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok(Reply { status, location, body: String::from_utf8(body).map_err(io::Error::other)? })
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
