//! The counts of connections that were closed or refused while their clients wanted more, by cause. They are
//! logged in one line at intervals, since a line for each would let strangers fill the disk.

use super::progress::Overdue;
use crate::limits;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

/// The cause for closing a connection, or refusing it or its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CloseCause {
    /// A deadline has passed.
    Overdue(Overdue),
    /// Too many connections, of its peer or of all, so that this one made room for another.
    MadeRoom,
    /// Too many response bytes queued for clients that do not read.
    Memory,
    /// Too many connections, all with complete requests.
    Refused,
    /// Too many concurrent requests forwarded by proxies from its address.
    RequestRefused,
}

impl CloseCause {
    fn text(self) -> &'static str {
        match self {
            Self::Overdue(Overdue::Head) => "closed: no whole head of a request in time",
            Self::Overdue(Overdue::Body) => "closed: no whole body of a request in time",
            Self::Overdue(Overdue::Write) => "closed: the client took nothing of its answer",
            Self::MadeRoom => "closed: idle or incomplete, to make room for others",
            Self::Memory => "closed: took nothing of its answer while many did the same",
            Self::Refused => "refused: too many connections with whole requests",
            Self::RequestRefused => "refused: too many requests forwarded from one address",
        }
    }
}

/// A log line about closed and refused connections.
#[derive(Debug, PartialEq, Eq)]
pub struct ClosedLogLine {
    /// The counts by cause, as text.
    pub text: String,
    /// True if there were too many connections, which concerns the operator; late clients are commonplace.
    pub is_crowded: bool,
}

/// The counts by cause since the last log line.
#[derive(Debug, Default)]
pub struct Closed {
    counts: BTreeMap<CloseCause, u64>,
    /// The peer of the last connection counted.
    last: Option<IpAddr>,
    logged_at: Option<Instant>,
}

impl Closed {
    /// Counts a connection that was closed or refused.
    pub fn count(&mut self, cause: CloseCause, peer: IpAddr) {
        *self.counts.entry(cause).or_default() += 1;
        self.last = Some(peer);
    }

    /// Returns a log line and resets the counts, if anything was counted and the last line is older than
    /// `CLOSED_LOGGED_EVERY`.
    pub fn line(&mut self, now: Instant) -> Option<ClosedLogLine> {
        let is_early = |at| now.saturating_duration_since(at) < limits::CLOSED_LOGGED_EVERY;
        if self.counts.is_empty() || self.logged_at.is_some_and(is_early) {
            return None;
        }
        self.logged_at = Some(now);
        let counts: Vec<String> =
            self.counts.iter().map(|(cause, count)| format!("{count} {}", cause.text())).collect();
        let last = self.last.map(|peer| format!(" (the last from {peer})")).unwrap_or_default();
        let is_crowded = self.counts.keys().any(|cause| !matches!(cause, CloseCause::Overdue(_)));
        self.counts.clear();
        Some(ClosedLogLine { text: format!("connections: {}{last}", counts.join("; ")), is_crowded })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_flood_is_one_line_a_minute() {
        let (mut closed, began) = (Closed::default(), Instant::now());
        let peer = IpAddr::from([203, 0, 113, 5]);
        assert_eq!(closed.line(began), None);
        for _ in 0..1_000 {
            closed.count(CloseCause::Overdue(Overdue::Head), peer);
        }
        closed.count(CloseCause::Refused, peer);
        let ClosedLogLine { text, is_crowded } = closed.line(began).unwrap();
        assert!(text.contains("1000 closed: no whole head") && text.contains("1 refused"), "{text}");
        assert!(text.contains("203.0.113.5") && is_crowded, "{text}");
        closed.count(CloseCause::Overdue(Overdue::Body), peer);
        assert_eq!(closed.line(began + Duration::from_secs(59)), None);
        let ClosedLogLine { text, is_crowded } = closed.line(began + Duration::from_mins(1)).unwrap();
        assert!(text.contains("1 closed: no whole body") && !text.contains("1000"), "{text}");
        assert!(!is_crowded, "{text}");
        assert_eq!(closed.line(began + Duration::from_mins(3)), None, "nothing new");
    }
}
