//! Limits of connections, requests and responses.

use std::time::Duration;

/// The time for the last requests and jobs when the program is asked to stop.
pub const STOP_WITHIN: Duration = Duration::from_secs(4);

/// The time for a request's head, from its first byte; for the first head of a connection, from its beginning.
pub const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// The time for a request's body, from the end of its head.
pub const BODY_WITHIN: Duration = Duration::from_secs(15);
/// The least average speed, in bytes a second, of a body that may take longer than `BODY_WITHIN`.
pub const BODY_BYTES_PER_SECOND_MIN: u64 = 1_024;
/// The longest time for any request's body.
pub const BODY_WITHIN_MAX: Duration = Duration::from_mins(2);
/// The time for which response bytes wait for a client that reads none of them. A long response has no limit as
/// a whole.
pub const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// The time for which a connection stays open between two requests.
pub const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The time for a client to close a connection that the server closes.
pub const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// The pause between two searches for overdue connections.
pub const CONNECTIONS_CHECKED_EVERY: Duration = Duration::from_secs(1);
/// The pause between two log lines about closed and refused connections.
pub const CLOSED_LOGGED_EVERY: Duration = Duration::from_mins(1);
/// Connections of one peer: an IPv4 address, an IPv6 /64. Proxies named by `--trust-proxy` and this machine
/// itself have no such limit.
pub const CONNECTIONS_PER_PEER_MAX: usize = 256;
/// Requests in flight that proxies forward from one address (IPv6: one /64).
pub const FORWARDED_REQUESTS_PER_ADDRESS_MAX: usize = 256;
/// Open files and connections that the program requests from the system; its hard limit may be lower.
pub const DESCRIPTORS_MAX: u64 = 65_536;
/// Descriptors reserved for other uses than admitted connections: the data file and its log, opened by each
/// reader; letters, pages of other servers, connections just accepted. `DESCRIPTORS_PER_WORKER` come on top.
pub const DESCRIPTORS_KEPT: usize = 128;
/// Descriptors of each event loop.
pub const DESCRIPTORS_PER_WORKER: usize = 8;
/// Accepted connections that are not admitted yet.
pub const CONNECTIONS_QUEUED_MAX: usize = 32;
/// Bytes that the system buffers for a connection before they are sent, beyond those in flight.
pub const UNSENT_BYTES: u32 = 32 * 1024;
/// Bytes of a response that are written at a time.
pub const ANSWER_PIECE_BYTES: usize = 16 * 1024;
/// Bytes of responses queued for their clients, of all connections. Above it, the connections whose clients
/// have read nothing for longest are cut.
pub const ANSWERS_WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;
