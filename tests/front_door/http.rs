//! A small HTTP client over a plain socket: bytes out, status, headers and body in.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before a test fails instead of hanging.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The value of a cookie that the answer sets.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let mut lines = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case("set-cookie"));
        lines.find_map(|(_, line)| {
            line.split(';').next()?.strip_prefix(&format!("{name}=")).map(str::to_owned)
        })
    }
}

/// One connection, kept open.
pub struct Wire {
    reader: BufReader<TcpStream>,
}

impl Wire {
    pub fn open(address: SocketAddr) -> std::io::Result<Self> {
        Self::over(TcpStream::connect(address)?)
    }

    /// Over a connection that is open already.
    pub fn over(stream: TcpStream) -> std::io::Result<Self> {
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_nodelay(true)?;
        Ok(Self { reader: BufReader::new(stream) })
    }

    /// Over a connection whose patience is its own.
    pub fn patient(stream: TcpStream) -> Self {
        Self { reader: BufReader::new(stream) }
    }

    /// The connection alone; what was read ahead is lost.
    pub fn into_inner(self) -> TcpStream {
        self.reader.into_inner()
    }

    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    /// Whether something of an answer has come, or the end of the connection.
    pub fn is_answered(&self) -> bool {
        let stream = self.reader.get_ref();
        stream.set_nonblocking(true).unwrap();
        let seen = stream.peek(&mut [0]);
        stream.set_nonblocking(false).unwrap();
        seen.is_ok()
    }

    /// Reads a status line and headers.
    pub fn head(&mut self) -> std::io::Result<Answer> {
        let gone = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(gone)?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            match line.split_once(':') {
                Some((name, value)) => headers.push((name.to_owned(), value.trim().to_owned())),
                None => return Ok(Answer { status, headers, body: Vec::new() }),
            }
        }
    }

    /// Reads a whole answer.
    pub fn answer(&mut self) -> std::io::Result<Answer> {
        let mut answer = self.head()?;
        if answer.header("transfer-encoding") == "chunked" {
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16).unwrap_or(0);
                let mut chunk = vec![0; size];
                self.reader.read_exact(&mut chunk)?;
                self.line()?;
                answer.body.extend(chunk);
                if size == 0 {
                    break;
                }
            }
        } else {
            answer.body = vec![0; answer.header("content-length").parse().unwrap_or(0)];
            self.reader.read_exact(&mut answer.body)?;
        }
        Ok(answer)
    }

    /// The next line, without its end. Fails at the end of the stream.
    pub fn line(&mut self) -> std::io::Result<String> {
        let mut line = Vec::new();
        if self.reader.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
    }
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

pub fn get(path: impl Into<String>) -> Request {
    Request { method: "GET", path: path.into(), headers: Vec::new(), body: Vec::new() }
}

/// A request for the head of an answer alone.
pub fn head(path: impl Into<String>) -> Request {
    Request { method: "HEAD", ..get(path) }
}

/// A form as a browser posts it from our own page.
pub fn post(path: impl Into<String>, fields: &[(&str, &str)]) -> Request {
    let request =
        Request { method: "POST", path: path.into(), headers: Vec::new(), body: form(fields).into_bytes() };
    request
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Sec-Fetch-Site", "same-origin")
}

/// A JSON body as a program posts it.
pub fn post_json(path: impl Into<String>, body: &str) -> Request {
    let request =
        Request { method: "POST", path: path.into(), headers: Vec::new(), body: body.as_bytes().to_vec() };
    request.header("Content-Type", "application/json")
}

/// A form with a file, which stands last.
pub fn upload(
    path: impl Into<String>,
    fields: &[(&str, &str)],
    (name, file_name, file): (&str, &str, &[u8]),
) -> Request {
    const BORDER: &str = "----border-of-a-test";
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--{BORDER}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{BORDER}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let foot = format!("\r\n--{BORDER}--\r\n");
    for part in [head.as_bytes(), file, foot.as_bytes()] {
        body.extend_from_slice(part);
    }
    let request = Request { method: "POST", path: path.into(), headers: Vec::new(), body };
    request
        .header("Content-Type", &format!("multipart/form-data; boundary={BORDER}"))
        .header("Sec-Fetch-Site", "same-origin")
}

pub fn form(fields: &[(&str, &str)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields);
    text.finish()
}

impl Request {
    /// The same with another method.
    pub fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("Cookie", cookie)
    }

    pub fn bytes(&self, host: SocketAddr) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        if self.method == "POST" || !self.body.is_empty() {
            write!(text, "Content-Length: {}\r\n", self.body.len()).unwrap();
        }
        [(text + "\r\n").as_bytes(), &self.body].concat()
    }
}
