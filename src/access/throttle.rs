//! Slows down guessing and asking: tries are counted by name and by address. A password's try is taken before it is
//! looked at, so that many at once count too, and given back when it was right.

use crate::address::network;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::limits;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Guesser {
    Name(String),
    Address(IpAddr),
}

/// The failed tries of one guesser, which fade one by one with each pause.
#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    faded_at: Timestamp,
}

impl Tries {
    fn fade(&mut self, now: Timestamp, pause: Duration) {
        let pauses = now.since(self.faded_at).as_millis() / pause.as_millis().max(1);
        let pauses = u32::try_from(pauses).unwrap_or(u32::MAX);
        self.faded_at = if pauses >= self.count { now } else { self.faded_at.after(pause * pauses) };
        self.count = self.count.saturating_sub(pauses);
    }
}

/// The tries of the last minutes.
pub struct Throttle {
    tries: Mutex<HashMap<Guesser, Tries>>,
    per_name: u32,
    per_address: u32,
    pause: Duration,
}

/// A try that was taken; see [`Throttle::give_back`].
pub struct Taken([Guesser; 2]);

impl Throttle {
    /// For failed sign-ins.
    pub fn for_passwords() -> Self {
        let (per_name, per_address) = (limits::SIGN_IN_TRIES_PER_NAME, limits::SIGN_IN_TRIES_PER_ADDRESS);
        Self::new(per_name, per_address)
    }

    /// For letters with a link for a new password: none of these tries is given back.
    pub fn for_resets() -> Self {
        let (per_name, per_address) = (limits::RESETS_PER_NAME, limits::RESETS_PER_ADDRESS);
        Self::new(per_name, per_address)
    }

    /// For names that somebody tries to share a site with and that nobody has.
    pub fn for_guesses() -> Self {
        let (per_name, per_address) = (limits::NAME_GUESSES_PER_USER, limits::NAME_GUESSES_PER_ADDRESS);
        Self::new(per_name, per_address)
    }

    /// For people whom somebody lets in: none of these tries is given back.
    pub fn for_shares() -> Self {
        let (per_name, per_address) = (limits::SHARES_PER_USER, limits::SHARES_PER_ADDRESS);
        Self { pause: limits::SHARE_PAUSE, ..Self::new(per_name, per_address) }
    }

    /// For letters about shared sites, by mailbox alone.
    pub fn for_letters() -> Self {
        Self { pause: limits::SHARE_LETTER_PAUSE, ..Self::new(limits::SHARE_LETTERS_PER_MAILBOX, u32::MAX) }
    }

    /// For codes of the second factor, by person: whoever comes that far knows the password, and waits longer.
    pub fn for_codes() -> Self {
        let (per_name, per_address) = (limits::CODES_PER_USER, limits::SIGN_IN_TRIES_PER_ADDRESS);
        Self { pause: limits::CODE_PAUSE, ..Self::new(per_name, per_address) }
    }

    /// For passwords of guest links.
    pub fn for_links() -> Self {
        let (per_name, per_address) = (limits::LINK_TRIES_PER_LINK, limits::LINK_TRIES_PER_ADDRESS);
        Self::new(per_name, per_address)
    }

    fn new(per_name: u32, per_address: u32) -> Self {
        Self { tries: Mutex::default(), per_name, per_address, pause: limits::SIGN_IN_PAUSE }
    }

    fn tries_max(&self, guesser: &Guesser) -> u32 {
        match guesser {
            Guesser::Name(_) => self.per_name,
            Guesser::Address(_) => self.per_address,
        }
    }

    fn tries(&self) -> MutexGuard<'_, HashMap<Guesser, Tries>> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one try. Refused, with the time to wait, when the name or the address has none left.
    pub fn take(&self, name: &str, address: IpAddr, now: Timestamp) -> Result<Taken> {
        let name = name.trim();
        let name = &name[..name.floor_char_boundary(limits::GUESSED_NAME_BYTES_MAX)];
        let guessers = [Guesser::Name(name.to_lowercase()), Guesser::Address(network(address))];
        let mut all = self.tries();
        if all.len() >= limits::GUESSERS_MAX {
            all.retain(|_, tries| {
                tries.fade(now, self.pause);
                tries.count > 0
            });
        }
        for guesser in &guessers {
            let tries = all.entry(guesser.clone()).or_insert(Tries { count: 0, faded_at: now });
            tries.fade(now, self.pause);
            if tries.count >= self.tries_max(guesser) {
                return Err(Error::Throttled(tries.faded_at.after(self.pause).since(now)));
            }
        }
        for guesser in &guessers {
            if let Some(tries) = all.get_mut(guesser) {
                tries.count += 1;
            }
        }
        Ok(Taken(guessers))
    }

    /// Gives a try back: it was right.
    pub fn give_back(&self, taken: &Taken) {
        let mut all = self.tries();
        for guesser in &taken.0 {
            if let Some(tries) = all.get_mut(guesser) {
                tries.count = tries.count.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn a_name_has_ten_tries_and_one_more_after_each_pause() {
        let throttle = Throttle::for_passwords();
        for _ in 0..limits::SIGN_IN_TRIES_PER_NAME {
            assert!(throttle.take("ada", HERE, NOW).is_ok());
        }
        let Err(Error::Throttled(wait)) = throttle.take(" ADA ", HERE, NOW) else { panic!("not throttled") };
        assert_eq!(wait, limits::SIGN_IN_PAUSE);
        let later = NOW.after(limits::SIGN_IN_PAUSE);
        assert!(throttle.take("ada", HERE, later).is_ok());
        assert!(throttle.take("ada", HERE, later).is_err());
    }

    #[test]
    fn an_address_is_slowed_down_whatever_names_it_tries() {
        let throttle = Throttle::for_passwords();
        for number in 0..limits::SIGN_IN_TRIES_PER_ADDRESS {
            assert!(throttle.take(&format!("name{number}"), HERE, NOW).is_ok());
        }
        assert!(throttle.take("another", HERE, NOW).is_err());
        assert!(throttle.take("another", "192.0.2.9".parse().unwrap(), NOW).is_ok());
    }

    #[test]
    fn right_passwords_are_never_slowed_down() {
        let throttle = Throttle::for_passwords();
        for _ in 0..100 {
            let taken = throttle.take("ada", HERE, NOW).unwrap();
            throttle.give_back(&taken);
        }
    }
}
