//! A real HTTP server that answers in scripted ways, to be monitored.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The answer of a monitored server.
#[derive(Clone)]
pub enum Script {
    /// A status and a body.
    Answer(&'static str, &'static str),
    /// The connection is closed without an answer.
    Cut,
    /// Nothing is answered, and the connection stays open.
    Silent,
}

/// A server to be monitored.
pub struct Monitored {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    asked: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

pub const FINE: Script = Script::Answer("200 OK", "<h1>Fresh bread</h1>");
pub const BROKEN: Script = Script::Answer("503 Service Unavailable", "down");

impl Monitored {
    /// Starts a server that is fine.
    pub fn start() -> Self {
        Self::start_at("127.0.0.1")
    }

    /// Starts a server that is fine, at another address of this machine, which stands for a machine of its own.
    pub fn start_at(address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(FINE));
        let (asked, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (scripted, counted, over) = (Arc::clone(&script), Arc::clone(&asked), Arc::clone(&is_over));
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for mut stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                drop(stream.read(&mut [0; 4_096]));
                counted.fetch_add(1, Ordering::Relaxed);
                let now = scripted.lock().unwrap().clone();
                if let Script::Answer(status, body) = now {
                    let length = body.len();
                    let answer = format!(
                        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                    );
                    drop(stream.write_all(answer.as_bytes()));
                } else if matches!(now, Script::Silent) {
                    held.push(stream);
                }
            }
        });
        Self { address, script, asked, is_over }
    }

    /// Changes how it answers from now on.
    pub fn set(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }

    /// Returns the number of requests so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Returns its address.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Monitored {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        drop(std::net::TcpStream::connect(self.address));
    }
}
