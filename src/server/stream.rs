//! The byte stream of a connection: reports to its progress when bytes arrive and when they are queued, and
//! sends the client the cause of an early end.

use super::closed::CloseCause;
use super::connection::Connection;
use super::connections::Slot;
use super::progress::Overdue;
use crate::limits;
use actix_web::rt::net::TcpStream;
use socket2::SockRef;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The response to a request that did not arrive in time.
const TOO_LATE: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The response to a client for which there is no slot.
const NO_PLACE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\n\
    retry-after: 2\r\nx-clickstead-reason: busy\r\nconnection: close\r\ncontent-length: 62\r\n\r\n\
    Too many connections from your network. Try again in a moment.";

/// The stream of an open connection.
pub struct Stream {
    io: TcpStream,
    place: Slot,
    /// True while the client reads nothing, as last reported to the connection.
    is_blocked: bool,
}

impl Stream {
    /// Returns the stream of an admitted connection.
    pub fn new(io: TcpStream, place: Slot) -> Self {
        // If one of the two options cannot be set, the connection works all the same.
        // Without `TCP_NODELAY` a compressed page waits for the acknowledgement of its head: 40 ms on a
        // persistent connection.
        io.set_nodelay(true).ok();
        // Unread bytes stay in few of the system's buffers, and each read of the client is noticed.
        SockRef::from(&io).set_tcp_notsent_lowat(limits::UNSENT_BYTES).ok();
        Self { io, place, is_blocked: false }
    }

    /// Returns the stream's connection.
    pub fn connection(&self) -> &Arc<Connection> {
        &self.place.connection
    }
}

/// Sends the refusal to a client without a slot, and closes the connection.
pub fn refuse(io: TcpStream) {
    // The client may or may not read it.
    SockRef::from(&io).send(NO_PLACE).ok();
}

impl Drop for Stream {
    fn drop(&mut self) {
        let socket = SockRef::from(&self.io);
        match self.place.connection.farewell() {
            Some((_, true)) => drop(socket.send(TOO_LATE)),
            // Bytes that the client did not read are discarded by the system too.
            Some((CloseCause::Overdue(Overdue::Write) | CloseCause::Memory, false)) => {
                drop(socket.set_linger(Some(Duration::ZERO)));
            }
            _ => {}
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let room = buffer.remaining();
        let read = ready!(Pin::new(&mut self.io).poll_read(context, buffer));
        if buffer.filled().len() > before {
            self.connection().step(|progress| progress.received(Instant::now()));
        } else if room > 0 {
            // The client closed the connection, or it failed.
            self.connection().hangup.signal();
        }
        read?;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        if written.is_pending() != self.is_blocked {
            self.is_blocked = written.is_pending();
            self.connection().step(|progress| {
                if written.is_pending() {
                    progress.write_blocked(Instant::now());
                } else {
                    progress.write_went_on();
                }
            });
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::super::connections::Connections;
    use super::*;
    use crate::config::ServeConfig;
    use std::net::{Ipv4Addr, SocketAddr};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn no_small_piece_of_a_page_or_an_event_waits_for_an_acknowledgement() {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let ((io, peer), _client) = (accepted.unwrap(), client.unwrap());
        assert!(!SockRef::from(&io).tcp_nodelay().unwrap(), "the system does so by itself");
        let all = Arc::new(Connections::new(ServeConfig::trusting(""), 1));
        let stream = Stream::new(io, all.admit(peer.ip(), Instant::now()).unwrap());
        // Every answer goes through such a stream, of a page and of events alike.
        assert!(SockRef::from(&stream.io).tcp_nodelay().unwrap());
    }
}
