//! Throttles for guesses and requests. A stranger's tries are counted by the tried name together with their
//! network, and by their address and network alone; a known requester's are counted separately. So nobody's
//! tries use up another person's. A try at a password is taken before the password is checked, so that parallel
//! tries count too, and is given back when it was correct.

use super::requester::{Lane, Requester, Turn};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The key under which tries are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// One name, link or mailbox, as one lane tries it.
    Name(String, Lane),
    /// All tries of strangers at one address.
    Strangers(IpAddr),
    /// All tries of signed-in users behind one address.
    People(IpAddr),
    /// All tries of one network or user.
    Lane(Lane),
}

impl Key {
    /// Returns the keys under which a try counts.
    fn for_attempt(name: &str, requester: Requester) -> Vec<Self> {
        let name = name.trim();
        let name = &name[..name.floor_char_boundary(limits::GUESSED_NAME_BYTES_MAX)];
        let mut keys = vec![Self::Name(name.to_lowercase(), requester.lane())];
        keys.extend(Self::for_origin(requester));
        keys
    }

    /// Returns the keys under which a try counts whatever its name.
    fn for_origin(requester: Requester) -> Vec<Self> {
        let lane = Self::Lane(requester.lane());
        match (requester, requester.address()) {
            (Requester::Stranger(_), Some(address)) => vec![Self::Strangers(address), lane],
            (Requester::Person(..), Some(address)) => vec![Self::People(address), lane],
            _ => Vec::new(),
        }
    }
}

/// The tries of one key, which fade one by one with each pause.
#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    faded_at: Timestamp,
}

impl Tries {
    fn fade(&mut self, now: Timestamp, pause: Duration) {
        // A clock that was ahead must not lock users out until it reaches that time again.
        self.faded_at = self.faded_at.min(now);
        let pauses = now.since(self.faded_at).as_millis() / pause.as_millis().max(1);
        let pauses = u32::try_from(pauses).unwrap_or(u32::MAX);
        self.faded_at = if pauses >= self.count { now } else { self.faded_at.after(pause * pauses) };
        self.count = self.count.saturating_sub(pauses);
    }
}

/// The number of tries for each kind of key before its requesters have to wait.
#[derive(Clone, Copy)]
struct Allowance {
    name: u32,
    strangers: u32,
    people: u32,
    network: u32,
    person: u32,
    /// The time until one more try is allowed.
    pause: Duration,
}

/// An allowance that limits nothing.
const UNLIMITED: Allowance = Allowance {
    name: u32::MAX,
    strangers: u32::MAX,
    people: u32::MAX,
    network: u32::MAX,
    person: u32::MAX,
    pause: limits::SIGN_IN_PAUSE,
};

impl Allowance {
    fn tries_max(&self, key: &Key) -> u32 {
        match key {
            Key::Name(..) => self.name,
            Key::Strangers(_) => self.strangers,
            Key::People(_) => self.people,
            Key::Lane(Lane::Person(_)) => self.person,
            Key::Lane(_) => self.network,
        }
    }

    /// Returns the largest number of tries that any of these keys has.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Throttled` when one of them has no tries left.
    fn demerits(&self, all: &mut HashMap<Key, Tries>, keys: &[Key], now: Timestamp) -> Result<u32> {
        let mut demerits = 0;
        for key in keys {
            let Some(tries) = all.get_mut(key) else { continue };
            tries.fade(now, self.pause);
            if tries.count >= self.tries_max(key) {
                return Err(Error::Throttled(tries.faded_at.after(self.pause).since(now)));
            }
            demerits = demerits.max(tries.count);
        }
        Ok(demerits)
    }
}

/// The tries of the last minutes, by key.
pub struct Throttle {
    tries: Mutex<HashMap<Key, Tries>>,
    allowance: Allowance,
}

/// A try that was taken; see [`Throttle::give_back`].
pub struct Attempt {
    keys: Vec<Key>,
    turn: Turn,
}

impl Attempt {
    /// Returns the turn at checking this try: lanes that failed lately wait behind others.
    pub fn turn(&self) -> Turn {
        self.turn
    }
}

impl Throttle {
    /// Returns the throttle of failed sign-ins, by name.
    pub fn for_passwords() -> Self {
        Self::new(Allowance {
            name: limits::SIGN_IN_TRIES_PER_NAME,
            strangers: limits::SIGN_IN_TRIES_PER_ADDRESS,
            network: limits::SIGN_IN_TRIES_PER_NETWORK,
            ..UNLIMITED
        })
    }

    /// Returns the throttle of wrong second-factor codes, by user: a requester who gets that far knows the
    /// password, and waits longer.
    pub fn for_codes() -> Self {
        Self::new(Allowance {
            name: limits::CODES_PER_USER,
            strangers: limits::SIGN_IN_TRIES_PER_ADDRESS,
            network: limits::SIGN_IN_TRIES_PER_NETWORK,
            pause: limits::CODE_PAUSE,
            ..UNLIMITED
        })
    }

    /// Returns the throttle of one user's wrong codes from all unknown browsers: six digits can be guessed
    /// from many networks at once.
    pub fn for_codes_of_strangers() -> Self {
        let (name, pause) = (limits::STRANGERS_CODES_PER_USER, limits::STRANGERS_CODE_PAUSE);
        Self::new(Allowance { name, pause, ..UNLIMITED })
    }

    /// Returns the throttle of letters with a link for a new password, by name: none of these tries is given
    /// back.
    pub fn for_resets() -> Self {
        Self::new(Allowance {
            name: limits::RESETS_PER_NAME,
            strangers: limits::RESETS_PER_ADDRESS,
            network: limits::RESETS_PER_NETWORK,
            person: limits::RESETS_PER_PERSON,
            ..UNLIMITED
        })
    }

    /// Returns the throttle of names tried for sharing a site or for a new account, which tell whether a name
    /// exists.
    pub fn for_guesses() -> Self {
        Self::new(Allowance {
            name: limits::NAME_GUESSES_PER_USER,
            strangers: limits::NAME_GUESSES_PER_ADDRESS,
            people: limits::NAME_GUESSES_PER_CROWD,
            network: limits::NAME_GUESSES_PER_CROWD,
            ..UNLIMITED
        })
    }

    /// Returns the throttle of shares and invitations, by user: none of these tries is given back.
    pub fn for_shares() -> Self {
        let (person, people) = (limits::SHARES_PER_USER, limits::SHARES_PER_CROWD);
        Self::new(Allowance { person, people, pause: limits::SHARE_PAUSE, ..UNLIMITED })
    }

    /// Returns the throttle of one user's letters about shared sites, by mailbox.
    pub fn for_letters() -> Self {
        let (name, pause) = (limits::SHARE_LETTERS_PER_SENDER, limits::SHARE_LETTER_PAUSE);
        Self::new(Allowance { name, pause, ..UNLIMITED })
    }

    /// Returns the throttle of letters about shared sites that one mailbox gets from all users.
    pub fn for_mailboxes() -> Self {
        let (name, pause) = (limits::SHARE_LETTERS_PER_MAILBOX, limits::SHARE_LETTER_PAUSE);
        Self::new(Allowance { name, pause, ..UNLIMITED })
    }

    /// Returns the throttle of passwords of guest links, by link.
    pub fn for_links() -> Self {
        Self::new(Allowance {
            name: limits::LINK_TRIES_PER_LINK,
            strangers: limits::LINK_TRIES_PER_ADDRESS,
            network: limits::LINK_TRIES_PER_NETWORK,
            ..UNLIMITED
        })
    }

    /// Returns the throttle of wrong site keys: programs ask with the same wrong key again and again, which is no
    /// further guess.
    pub fn for_site_keys() -> Self {
        let (strangers, network) = (limits::KEY_TRIES_PER_ADDRESS, limits::KEY_TRIES_PER_NETWORK);
        Self::new(Allowance { strangers, network, ..UNLIMITED })
    }

    fn new(allowance: Allowance) -> Self {
        Self { tries: Mutex::default(), allowance }
    }

    fn tries(&self) -> MutexGuard<'_, HashMap<Key, Tries>> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one try at a name.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Throttled`, which holds the time to wait, when the requester has no tries left.
    pub fn admit(&self, name: &str, requester: Requester, now: Timestamp) -> Result<Attempt> {
        let keys = Key::for_attempt(name, requester);
        let mut all = self.tries();
        make_room(&mut all, now, self.allowance.pause);
        let demerits = self.allowance.demerits(&mut all, &keys, now)?;
        count(&mut all, &keys, now);
        Ok(Attempt { keys, turn: Turn { lane: requester.lane(), demerits } })
    }

    /// Returns the turn of a requester who has tries left, and takes none.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::admit`] does.
    pub fn check(&self, requester: Requester, now: Timestamp) -> Result<Turn> {
        let demerits = self.allowance.demerits(&mut self.tries(), &Key::for_origin(requester), now)?;
        Ok(Turn { lane: requester.lane(), demerits })
    }

    /// Counts a wrong try at a name. The same name again within a pause is no further try.
    pub fn count_once(&self, name: &str, requester: Requester, now: Timestamp) {
        let keys = Key::for_attempt(name, requester);
        let mut all = self.tries();
        make_room(&mut all, now, self.allowance.pause);
        let is_counted = keys.first().and_then(|name| all.get_mut(name)).is_some_and(|tries| {
            tries.fade(now, self.allowance.pause);
            tries.count > 0
        });
        if !is_counted {
            count(&mut all, &keys, now);
        }
    }

    /// Gives a try back that was correct or was never checked.
    pub fn give_back(&self, taken: &Attempt) {
        let mut all = self.tries();
        for key in &taken.keys {
            let Some(tries) = all.get_mut(key) else { continue };
            tries.count = tries.count.saturating_sub(1);
            if tries.count == 0 {
                all.remove(key);
            }
        }
    }
}

fn count(all: &mut HashMap<Key, Tries>, keys: &[Key], now: Timestamp) {
    for key in keys {
        all.entry(key.clone()).or_insert(Tries { count: 0, faded_at: now }).count += 1;
    }
}

/// Removes tries that have faded and, when a flood of addresses leaves too many keys, those with the fewest
/// tries: these come from the flood.
fn make_room(all: &mut HashMap<Key, Tries>, now: Timestamp, pause: Duration) {
    if all.len() < limits::TRIES_REMEMBERED_MAX {
        return;
    }
    all.retain(|_, tries| {
        tries.fade(now, pause);
        tries.count > 0
    });
    let mut fewest = 1;
    while all.len() > limits::TRIES_REMEMBERED_MAX / 2 {
        all.retain(|_, tries| tries.count > fewest);
        fewest += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{Token, UserId};

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn from(address: &str) -> Requester {
        Requester::Stranger(address.parse().unwrap())
    }

    /// Counts the tries that a requester has left.
    fn tries(throttle: &Throttle, name: &str, requester: Requester) -> u32 {
        let taken = std::iter::from_fn(|| throttle.admit(name, requester, NOW).ok());
        u32::try_from(taken.take(1_000).count()).unwrap()
    }

    #[test]
    fn a_name_has_ten_tries_and_one_more_after_each_pause() {
        let throttle = Throttle::for_passwords();
        for _ in 0..limits::SIGN_IN_TRIES_PER_NAME {
            assert!(throttle.admit("ada", from("192.0.2.1"), NOW).is_ok());
        }
        let Err(Error::Throttled(wait)) = throttle.admit(" ADA ", from("192.0.2.1"), NOW) else {
            panic!("not throttled")
        };
        assert_eq!(wait, limits::SIGN_IN_PAUSE);
        let later = NOW.after(limits::SIGN_IN_PAUSE);
        assert!(throttle.admit("ada", from("192.0.2.1"), later).is_ok());
        assert!(throttle.admit("ada", from("192.0.2.1"), later).is_err());
    }

    #[test]
    fn tries_from_one_network_take_none_from_another_and_none_from_a_known_device() {
        for (here, beside, elsewhere) in [
            ("192.0.2.1", "192.0.2.99", "198.51.100.1"),
            ("2001:db8:1::1", "2001:db8:1:7::1", "2001:db8:2::1"),
        ] {
            let throttle = Throttle::for_passwords();
            assert_eq!(tries(&throttle, "ada", from(here)), limits::SIGN_IN_TRIES_PER_NAME);
            assert_eq!(tries(&throttle, "ada", from(beside)), 0, "{beside} is of the same network");
            assert_eq!(tries(&throttle, "ada", from(elsewhere)), limits::SIGN_IN_TRIES_PER_NAME);
            let device = Requester::holding(&Token::known("a device"));
            assert_eq!(tries(&throttle, "ada", device), limits::SIGN_IN_TRIES_PER_NAME);
        }
    }

    #[test]
    fn an_address_is_slowed_down_whatever_names_it_tries() {
        let throttle = Throttle::for_passwords();
        for number in 0..limits::SIGN_IN_TRIES_PER_ADDRESS {
            assert!(throttle.admit(&format!("name{number}"), from("127.0.0.1"), NOW).is_ok());
        }
        assert!(throttle.admit("another", from("127.0.0.1"), NOW).is_err());
        assert!(throttle.admit("another", from("192.0.2.9"), NOW).is_ok());
    }

    #[test]
    fn a_clock_that_was_ahead_locks_nobody_out() {
        let throttle = Throttle::for_passwords();
        let ahead = NOW.after(Duration::from_hours(48));
        while throttle.admit("ada", from("192.0.2.1"), ahead).is_ok() {}
        let Err(Error::Throttled(wait)) = throttle.admit("ada", from("192.0.2.1"), NOW) else {
            panic!("not throttled")
        };
        assert_eq!(wait, limits::SIGN_IN_PAUSE);
        assert!(throttle.admit("ada", from("192.0.2.1"), NOW.after(limits::SIGN_IN_PAUSE)).is_ok());
    }

    #[test]
    fn a_network_is_slowed_down_whatever_addresses_it_tries_from() {
        let throttle = Throttle::for_passwords();
        let tries = (0..200).filter(|number| {
            throttle.admit(&format!("name{number}"), from(&format!("2001:db8:1:{number}::1")), NOW).is_ok()
        });
        assert_eq!(u32::try_from(tries.count()).unwrap(), limits::SIGN_IN_TRIES_PER_NETWORK);
    }

    #[test]
    fn somebody_behind_an_address_takes_nothing_from_the_others_there() {
        let throttle = Throttle::for_guesses();
        let person = |number| Requester::Person(UserId(number), "192.0.2.1".parse().unwrap());
        assert_eq!(tries(&throttle, "", person(1)), limits::NAME_GUESSES_PER_USER);
        assert_eq!(tries(&throttle, "", person(2)), limits::NAME_GUESSES_PER_USER);
        assert_eq!(tries(&throttle, "x", from("192.0.2.1")), limits::NAME_GUESSES_PER_USER);
    }

    #[test]
    fn the_same_wrong_key_again_is_no_further_guess_and_looking_takes_no_try() {
        let throttle = Throttle::for_site_keys();
        let here = from("192.0.2.1");
        for _ in 0..1_000 {
            throttle.count_once("a key", here, NOW);
            assert_eq!(throttle.check(here, NOW).unwrap().demerits, 1);
        }
        for number in 1..limits::KEY_TRIES_PER_ADDRESS {
            throttle.count_once(&format!("key {number}"), here, NOW);
        }
        let wait = throttle.check(here, NOW);
        assert!(matches!(wait, Err(Error::Throttled(wait)) if wait == limits::SIGN_IN_PAUSE));
        assert!(throttle.check(from("192.0.2.2"), NOW).is_ok(), "another address of the network");
        assert!(throttle.check(Requester::Holder([0; 32]), NOW).is_ok(), "a key that was right");
        assert!(throttle.check(here, NOW.after(limits::SIGN_IN_PAUSE)).is_ok());
    }

    #[test]
    fn right_passwords_are_never_slowed_down_and_leave_nothing() {
        let throttle = Throttle::for_passwords();
        for _ in 0..100 {
            let taken = throttle.admit("ada", from("192.0.2.1"), NOW).unwrap();
            throttle.give_back(&taken);
        }
        assert!(throttle.tries().is_empty());
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_before_those_who_try_again_and_again() {
        let throttle = Throttle::for_passwords();
        assert_eq!(tries(&throttle, "ada", from("192.0.2.1")), limits::SIGN_IN_TRIES_PER_NAME);
        for number in 0..u32::try_from(limits::TRIES_REMEMBERED_MAX).unwrap() {
            let address = IpAddr::from((0x0a00_0000 + number * 256).to_be_bytes());
            throttle.admit("ada", Requester::Stranger(address), NOW).unwrap();
        }
        assert!(throttle.tries().len() <= limits::TRIES_REMEMBERED_MAX + 3);
        assert_eq!(tries(&throttle, "ada", from("192.0.2.1")), 0);
    }
}
