//! Limits of programs, which read a site's data by its key.

use std::time::Duration;

/// Connections for reading that only programs use, so that they take none from screens.
pub const PROGRAM_READERS_MAX: u32 = 3;
/// Requests of programs that are answered at once.
pub const PROGRAMS_ASKING_MAX: usize = PROGRAM_READERS_MAX as usize;
/// Lists and segmentations among them, which may go on for long: one more is left for small questions.
pub const PROGRAM_LISTS_MAX: usize = PROGRAMS_ASKING_MAX - 1;
/// Requests with one key that are answered at once; keys that were not right lately count together by their network.
pub const PROGRAMS_PER_KEY_MAX: usize = 2;
/// Requests that wait for their turn with keys that were right lately, and as many with others.
pub const PROGRAMS_WAITING_MAX: usize = 1_000;
/// The time for which a request of a program waits for its turn.
pub const PROGRAM_WAIT: Duration = Duration::from_secs(10);
/// The deadline of a request of a program, including the wait for its turn.
pub const PROGRAM_WITHIN: Duration = Duration::from_secs(30);
/// The time in the `Retry-After` for a program that sends too many requests at once.
pub const PROGRAM_RETRY_AFTER: Duration = Duration::from_secs(2);
/// The time for which a browser may remember that programs of every website may ask.
pub const PREFLIGHT_LASTS: Duration = Duration::from_hours(24);
/// Different wrong keys from one address before it has to wait; one more is allowed every `SIGN_IN_PAUSE`.
pub const KEY_TRIES_PER_ADDRESS: u32 = 60;
/// Different wrong keys from one network before it has to wait; one more is allowed every `SIGN_IN_PAUSE`.
pub const KEY_TRIES_PER_NETWORK: u32 = 180;
/// Keys that were right lately and are remembered: wrong keys of their neighbours do not slow them down.
pub const PROVEN_KEYS_MAX: usize = 10_000;
/// The shortest time between two records of a site key's last use.
pub const KEY_USE_RECORDED_EVERY: Duration = Duration::from_mins(1);
/// Bytes that are stored of the `User-Agent` header of a program that uses a site key.
pub const KEY_USE_AGENT_BYTES_MAX: usize = 200;
/// Personal tokens of one person.
pub const TOKENS_PER_USER_MAX: usize = 50;
/// Characters of the name of a personal token.
pub const TOKEN_NAME_CHARS_MAX: usize = 60;
/// Sites that the letter about a new token names; of more it says how many.
pub const TOKEN_LETTER_SITES_MAX: usize = 5;
/// Requests to the API that one key or token may send in a minute; unused ones add up to as many.
pub const API_REQUESTS_PER_MINUTE: u32 = 6_000;
/// Requests to the API that one address (IPv6: one /64) may send in a minute, whatever its keys.
pub const API_REQUESTS_PER_ADDRESS_MINUTE: u32 = 12_000;
/// Keys, tokens and addresses whose requests are counted at once; those that asked least recently go first.
pub const API_CALLERS_COUNTED_MAX: usize = 20_000;
/// Days of a list of visits or actions, and of a segmentation.
pub const API_LIST_DAYS_MAX: i32 = 31;
/// Rows of a page of such a list.
pub const API_LIST_ROWS_MAX: u32 = 1_000;
/// Rows of a page of items if a request names no number.
pub const API_ROWS: u32 = 10;
/// Rows of a page of items; `limit=all` means as many.
pub const API_ROWS_MAX: u32 = 50_000;
/// Bytes of the names and texts of one reply.
pub const API_REPLY_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// Types or segments of one request.
pub const API_TYPES_MAX: usize = 50;
/// The largest number of bytes of the name of a function or variable in the script around a reply to a program.
pub const SCRIPT_NAME_BYTES_MAX: usize = 100;
/// Bytes of a message of an assistant.
pub const MCP_BODY_BYTES_MAX: usize = 64 * 1_024;
/// Visits on a page for an assistant that names no number: its context has to hold them.
pub const MCP_PAGE_VISITS: u32 = 20;
/// Rows of a page of our own API if a request names no number.
pub const API_PAGE_ROWS: u32 = 100;
/// The largest number of rows of a page of our own API.
pub const API_PAGE_ROWS_MAX: u32 = 1_000;
/// Items of the first dimension on a page of a cross-tabulation.
pub const API_PAIR_ROWS_MAX: u32 = 100;
/// Items over time in one reply: the most frequent ones.
pub const API_SERIES_ITEMS_MAX: u32 = 20;
/// Days of a time series by hours.
pub const API_HOURLY_DAYS_MAX: i32 = 31;
/// Parameters of a request to our own API: all filters, and a few others.
pub const API_PARAMETERS_MAX: usize = 50;
/// Bytes of the body of a query.
pub const API_QUERY_BYTES_MAX: usize = 128 * 1_024;
/// Metrics, dimensions or orders of one query.
pub const API_QUERY_PARTS_MAX: usize = 25;
