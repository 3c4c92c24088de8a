//! Links that show the heatmap of one page over that page, for a few minutes, each by a token in memory. A link belongs to
//! the sign-in that made it, whose rights are checked with every question. After a restart, users open pages anew.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::device_class::DeviceClass;
use crate::model::id::{SiteId, Token, UserId};
use crate::reports::filter::Filter;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The heatmap that a link shows, and the sign-in that may see it.
#[derive(Clone, Debug)]
pub struct HeatmapLink {
    /// The token of the sign-in that made the link.
    pub sign_in: Token,
    /// The account whose rights apply.
    pub user: UserId,
    /// The site.
    pub site: SiteId,
    /// The address of the page, as it is stored.
    pub page: String,
    /// The range of the screen that the link was opened from, as its address names it.
    pub date: String,
    /// The class of windows of that screen; `None` for all.
    pub device: Option<DeviceClass>,
    /// The filters of that screen.
    pub filters: Vec<Filter>,
}

struct Opened {
    link: HeatmapLink,
    since: Timestamp,
    questions: u32,
}

/// The links that are valid.
#[derive(Default)]
pub struct HeatmapLinks(Mutex<HashMap<[u8; 32], Opened>>);

impl HeatmapLinks {
    fn opened(&self) -> MutexGuard<'_, HashMap<[u8; 32], Opened>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a link and returns its token. At the limit of one user, and at that of all, the oldest link ends.
    ///
    /// # Errors
    ///
    /// Fails when the system's random source fails.
    pub fn open(&self, link: HeatmapLink, now: Timestamp) -> Result<Token> {
        let (token, user) = (Token::generate()?, link.user);
        let mut opened = self.opened();
        opened.retain(|_, link| !now.has_passed(limits::HEATMAP_LINK_LASTS, link.since));
        if opened.values().filter(|opened| opened.link.user == user).count()
            >= limits::HEATMAP_LINKS_PER_USER_MAX
        {
            end_oldest(&mut opened, |link| link.user == user);
        }
        if opened.len() >= limits::HEATMAP_LINKS_MAX {
            end_oldest(&mut opened, |_| true);
        }
        opened.insert(token.hash(), Opened { link, since: now, questions: 0 });
        Ok(token)
    }

    /// Returns the link of a token for one more question; `None` if it has ended, or was asked too often.
    pub fn take(&self, token: &Token, now: Timestamp) -> Option<HeatmapLink> {
        let mut opened = self.opened();
        let link = opened.get_mut(&token.hash())?;
        link.questions += 1;
        let is_valid = !now.has_passed(limits::HEATMAP_LINK_LASTS, link.since)
            && link.questions <= limits::HEATMAP_LINK_QUESTIONS_MAX;
        is_valid.then(|| link.link.clone())
    }
}

/// Removes the oldest of the links that match.
fn end_oldest(opened: &mut HashMap<[u8; 32], Opened>, is_meant: impl Fn(&HeatmapLink) -> bool) {
    let oldest =
        opened.iter().filter(|(_, opened)| is_meant(&opened.link)).min_by_key(|(_, opened)| opened.since.0);
    if let Some(hash) = oldest.map(|(hash, _)| *hash) {
        opened.remove(&hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn link(user: i64) -> HeatmapLink {
        HeatmapLink {
            sign_in: Token::known("sign-in"),
            user: UserId(user),
            site: SiteId(1),
            page: "https://bakery.example/".into(),
            date: "today".into(),
            device: None,
            filters: Vec::new(),
        }
    }

    #[test]
    fn a_link_shows_its_page_for_ten_minutes_and_to_its_token_alone() {
        let links = HeatmapLinks::default();
        let token = links.open(link(1), NOW).unwrap();
        let at = |seconds| NOW.after(Duration::from_secs(seconds));
        assert_eq!(links.take(&token, at(599)).unwrap().page, "https://bakery.example/");
        assert!(links.take(&token, at(600)).is_none());
        assert!(
            links.take(&token, NOW.before(limits::HEATMAP_LINK_LASTS)).is_none(),
            "a clock that was ahead"
        );
        assert!(links.take(&Token::known("made up"), NOW).is_none());
    }

    #[test]
    fn a_link_that_is_asked_too_often_ends() {
        let links = HeatmapLinks::default();
        let token = links.open(link(1), NOW).unwrap();
        for _ in 0..limits::HEATMAP_LINK_QUESTIONS_MAX {
            assert!(links.take(&token, NOW).is_some());
        }
        assert!(links.take(&token, NOW).is_none());
    }

    #[test]
    fn the_oldest_link_of_whoever_opens_many_ends_and_nobody_elses() {
        let links = HeatmapLinks::default();
        let at = |number| NOW.after(Duration::from_millis(number));
        let other = links.open(link(2), NOW).unwrap();
        let opened: Vec<Token> = (0..25).map(|number| links.open(link(1), at(number)).unwrap()).collect();
        let valid = opened.iter().filter(|token| links.take(token, at(30)).is_some()).count();
        assert_eq!(valid, limits::HEATMAP_LINKS_PER_USER_MAX);
        assert!(links.take(&opened[24], at(30)).is_some() && links.take(&opened[4], at(30)).is_none());
        assert!(links.take(&other, at(30)).is_some());
    }
}
