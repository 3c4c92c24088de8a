//! Sign-ins with a correct password that wait for the second factor: a ticket each, in memory, valid for a few
//! minutes. After a restart, users sign in again.

use super::requester::Lane;
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{Token, UserId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

struct Pending {
    user: UserId,
    /// The lane of the requester who began the sign-in.
    lane: Lane,
    /// The password hash that the correct password matched.
    password: String,
    since: Timestamp,
    wrong_codes: u32,
}

/// The valid tickets, and each user's count of wrong codes in a row.
#[derive(Default)]
pub struct PendingSignIns {
    halves: Mutex<HashMap<[u8; 32], Pending>>,
    wrong_codes: Mutex<HashMap<UserId, u32>>,
}

impl PendingSignIns {
    fn halves(&self) -> MutexGuard<'_, HashMap<[u8; 32], Pending>> {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a ticket for a user whose password was correct. At the limit of one user and lane, the oldest of
    /// their tickets ends; at the limit of all, the oldest of the user with most tickets. So a user's many
    /// tickets end nobody else's, and none begun in another lane.
    ///
    /// # Errors
    ///
    /// Fails when the system's random source fails.
    pub fn begin(&self, user: UserId, password: String, lane: Lane, now: Timestamp) -> Result<Token> {
        let ticket = Token::generate()?;
        let mut halves = self.halves();
        halves.retain(|_, half| !now.has_passed(limits::PENDING_SIGN_IN_LASTS, half.since));
        let beside = |half: &Pending| (half.user, half.lane) == (user, lane);
        if halves.values().filter(|half| beside(half)).count() >= limits::PENDING_SIGN_INS_PER_LANE_MAX {
            end_oldest(&mut halves, beside);
        }
        if halves.len() >= limits::PENDING_SIGN_INS_MAX {
            let most = most_frequent(halves.values().map(|half| half.user));
            end_oldest(&mut halves, |half| Some(half.user) == most);
        }
        halves.insert(ticket.hash(), Pending { user, lane, password, since: now, wrong_codes: 0 });
        Ok(ticket)
    }

    /// Returns the user of a ticket and the hash of the password that began it; `None` if the ticket is not
    /// valid. Counts as a wrong code until [`PendingSignIns::end`].
    pub fn take(&self, ticket: &Token, now: Timestamp) -> Option<(UserId, String)> {
        let mut halves = self.halves();
        let half = halves.get_mut(&ticket.hash())?;
        half.wrong_codes += 1;
        let holds = !now.has_passed(limits::PENDING_SIGN_IN_LASTS, half.since)
            && half.wrong_codes <= limits::CODES_PER_SIGN_IN_MAX;
        let begun = (half.user, half.password.clone());
        if !holds {
            halves.remove(&ticket.hash());
        }
        holds.then_some(begun)
    }

    /// Counts a wrong code. Returns the number of wrong codes in a row.
    pub fn count_wrong(&self, user: UserId) -> u32 {
        let mut all = self.wrong_codes.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(user).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// Resets the count of wrong codes after a correct one.
    pub fn forget_wrong(&self, user: UserId) {
        self.wrong_codes.lock().unwrap_or_else(PoisonError::into_inner).remove(&user);
    }

    /// Ends a ticket after a correct code.
    pub fn end(&self, ticket: &Token) {
        self.halves().remove(&ticket.hash());
    }
}

/// Removes the oldest of the tickets that match.
fn end_oldest(halves: &mut HashMap<[u8; 32], Pending>, is_meant: impl Fn(&Pending) -> bool) {
    let oldest = halves.iter().filter(|(_, half)| is_meant(half)).min_by_key(|(_, half)| half.since.0);
    if let Some(hash) = oldest.map(|(hash, _)| *hash) {
        halves.remove(&hash);
    }
}

fn most_frequent(users: impl Iterator<Item = UserId>) -> Option<UserId> {
    let mut counts = HashMap::new();
    for user in users {
        *counts.entry(user).or_insert(0_usize) += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(user, _)| user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::requester::Requester;

    /// Returns a lane of its own for each number.
    fn lane(number: u32) -> Lane {
        Requester::Stranger((number << 8).to_be_bytes().into()).lane()
    }

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn a_ticket_holds_for_a_few_minutes_and_a_few_codes() {
        let halves = PendingSignIns::default();
        let begin = |user| halves.begin(UserId(user), format!("hash {user}"), lane(1), NOW).unwrap();
        let (slow, guesser) = (begin(1), begin(2));
        assert_eq!(halves.take(&slow, NOW), Some((UserId(1), "hash 1".into())));
        assert_eq!(halves.take(&slow, NOW.after(limits::PENDING_SIGN_IN_LASTS)), None);
        assert_eq!(
            halves.take(&slow, NOW.before(limits::PENDING_SIGN_IN_LASTS)),
            None,
            "a clock that was ahead"
        );
        for _ in 0..limits::CODES_PER_SIGN_IN_MAX {
            assert!(halves.take(&guesser, NOW).is_some());
        }
        assert_eq!(halves.take(&guesser, NOW), None);
        assert_eq!(halves.take(&Token::known("made up"), NOW), None);
    }

    #[test]
    fn a_ticket_that_was_used_is_gone() {
        let halves = PendingSignIns::default();
        let ticket = halves.begin(UserId(1), String::new(), lane(1), NOW).unwrap();
        assert!(halves.take(&ticket, NOW).is_some());
        halves.end(&ticket);
        assert_eq!(halves.take(&ticket, NOW), None);
    }

    #[test]
    fn however_many_somebody_begins_nobody_elses_end() {
        let halves = PendingSignIns::default();
        let begin = |user, number, later| {
            let now = NOW.after(std::time::Duration::from_millis(later));
            halves.begin(UserId(user), String::new(), lane(number), now).unwrap()
        };
        let (other, elsewhere) = (begin(2, 1, 0), begin(1, 2, 0));
        let first = begin(1, 3, 1);
        for number in 0..100 {
            begin(1, 3, 2 + number);
        }
        assert_eq!(halves.take(&first, NOW), None, "the oldest from there ends");
        assert!(halves.take(&elsewhere, NOW).is_some(), "begun in another network");
        assert!(halves.take(&other, NOW).is_some(), "of another person");
        let waiting = u32::try_from(halves.halves().len()).unwrap();
        for number in waiting..10_000 {
            let half = Pending {
                user: UserId(3),
                lane: lane(number),
                password: String::new(),
                since: NOW,
                wrong_codes: 0,
            };
            halves.halves().insert(Token::known(format!("{number}")).hash(), half);
        }
        assert_eq!(halves.halves().len(), limits::PENDING_SIGN_INS_MAX);
        begin(4, 1, 0);
        assert_eq!(halves.halves().len(), limits::PENDING_SIGN_INS_MAX);
        let left = halves.halves().values().filter(|half| half.user != UserId(3)).count();
        assert_eq!(left, 8, "one, one and five, and the newest");
        assert!(halves.take(&other, NOW).is_some());
    }
}
