//! From a line of hits or of an access log to a hit: the same desk that beacons come over, with the line's own time as
//! the clock. A file is looked through before anything of it is written.

use super::format::Format;
use super::hit_line::HitLine;
use super::log_line::LogLine;
use super::requests;
use super::sorted::{LineOrder, OrderCount};
use super::tally::Tally;
use super::text::{Line, Lines, Text};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::VisitorId;
use crate::ingest::agent::Hints;
use crate::ingest::hit::Hit;
use crate::ingest::prepare::{Beacon, Desk, Sender};
use crate::limits;
use crate::store::sites::Site;

/// What a line is.
pub enum Judged<T> {
    /// Something that may count.
    Hit(T),
    /// A rule leaves it out.
    LeftOut(&'static str),
    /// It can't be understood.
    Bad(&'static str),
    /// Nothing.
    Blank,
}

/// What a line says, not understood further yet.
pub enum Said<'a> {
    /// A hit.
    Hit(Box<HitLine<'a>>),
    /// A request.
    Request(Box<LogLine<'a>>),
}

/// Reads the lines of one file for one site.
pub struct Judge<'a> {
    /// For which site.
    pub site: &'a Site,
    /// What the lines are.
    pub format: Format,
    /// What time it is: nothing happens later.
    pub now: Timestamp,
}

/// What looking through a file told.
pub struct Survey {
    /// What becomes of its lines, as far as they tell themselves.
    pub tally: Tally,
    /// Where the last line ends that is read.
    pub end: u64,
    /// When its oldest hit happened.
    pub first_at: Option<Timestamp>,
    /// The order of its hits.
    pub order: LineOrder,
}

impl Judge<'_> {
    /// Looks through a text from a place on, see [`Text::lines`].
    pub fn survey(&self, text: &Text, from: (u64, u64), progress: &dyn Fn(u64)) -> Result<Survey> {
        let mut lines = text.lines(from, limits::IMPORT_LINE_BYTES_MAX)?;
        let (mut first_at, mut order) = (None, OrderCount::default());
        let mut survey =
            Survey { tally: Tally::default(), end: from.0, first_at: None, order: LineOrder::OldestFirst };
        while let Some(line) = lines.next()? {
            if !self.is_read(&line) {
                survey.tally.is_unfinished = true;
                break;
            }
            survey.end = line.end;
            survey.tally.lines += 1;
            match self.read(line.is_too_long, &line.text()) {
                Judged::Hit(said) => {
                    survey.tally.taken += 1;
                    let at = said.at();
                    first_at = first_at.min(Some(at)).or(Some(at));
                    order.add(at);
                }
                Judged::LeftOut(reason) => survey.tally.leave_out(reason),
                Judged::Bad(why) => survey.tally.refuse(line.number, why),
                Judged::Blank => {}
            }
            if survey.tally.lines.is_multiple_of(1_000) {
                progress(text.passed());
            }
        }
        (survey.first_at, survey.order) = (first_at, order.order());
        Ok(survey)
    }

    /// Whether a line is read now. One without an end is still being written, unless it is whole JSON.
    pub fn is_read(&self, line: &Line<'_>) -> bool {
        line.is_finished
            || self.format != Format::Log
                && serde_json::from_slice::<serde::de::IgnoredAny>(line.bytes).is_ok()
    }

    /// What a line says.
    pub fn read<'l>(&self, is_too_long: bool, line: &'l str) -> Judged<Said<'l>> {
        if is_too_long {
            return Judged::Bad("the line is longer than 64 KiB");
        }
        if line.trim().is_empty() {
            return Judged::Blank;
        }
        let said = match self.format {
            Format::Log => LogLine::parse(line).map(|line| Said::Request(Box::new(line))),
            Format::Hits | Format::Site => HitLine::parse(line).map(|line| Said::Hit(Box::new(line))),
        };
        let said = match said {
            Ok(said) => said,
            Err(why) => return Judged::Bad(why),
        };
        if said.at() > self.now.after(limits::CLOCK_AHEAD_MAX) {
            return Judged::Bad("the time is in the future");
        }
        if said.at().0 < 0 {
            return Judged::Bad("the time is before 1970");
        }
        if let Said::Request(line) = &said
            && let Some(skip) = requests::skip(line)
        {
            return Judged::LeftOut(skip.names().0);
        }
        Judged::Hit(said)
    }

    /// The hit that a line makes.
    pub fn judge(&self, desk: &Desk, line: &Line<'_>) -> Judged<Hit> {
        match self.read(line.is_too_long, &line.text()) {
            Judged::Hit(said) => {
                let hit = match said {
                    Said::Hit(line) => self.hit(desk, *line),
                    Said::Request(line) => self.request(desk, &line),
                };
                hit.map_or(Judged::Bad("the site is missing"), Judged::Hit)
            }
            Judged::LeftOut(reason) => Judged::LeftOut(reason),
            Judged::Bad(why) => Judged::Bad(why),
            Judged::Blank => Judged::Blank,
        }
    }

    fn request(&self, desk: &Desk, line: &LogLine<'_>) -> Option<Hit> {
        let beacon = Beacon {
            site: Some(self.site.id),
            kind: "pageview".into(),
            // A path may begin with two slashes: it must not be taken for a host.
            href: format!("https://{}{}", self.site.domain, line.path().unwrap_or("/")),
            referrer: line.referrer.as_ref().to_owned(),
            ..Beacon::default()
        };
        desk.prepare(beacon, &sender(self.site, line.at, line.address, &line.agent, ""))
    }

    fn hit(&self, desk: &Desk, line: HitLine<'_>) -> Option<Hit> {
        let lasting = (!line.uid.is_empty()).then(|| VisitorId::of_name(&line.uid));
        let javascript = !line.screen.is_empty();
        let beacon = Beacon {
            site: Some(self.site.id),
            kind: line.kind.into(),
            href: line.href,
            title: line.title,
            referrer: line.referrer,
            screen: line.screen,
            visitor: lasting.map(|id| id.to_string()).unwrap_or_default(),
            cookie_kept: lasting.is_some(),
            javascript,
            custom: line.custom,
            goal: line.goal,
            revenue: line.revenue,
            ..Beacon::default()
        };
        let sender = sender(self.site, line.at, line.address, &line.agent, &line.language);
        let mut hit = desk.prepare(beacon, &sender)?;
        hit.written_elsewhere(&line.uid, !line.agent.trim().is_empty());
        Some(hit)
    }
}

impl Said<'_> {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Hit(line) => line.at,
            Self::Request(line) => line.at,
        }
    }
}

fn sender<'a>(
    site: &Site,
    at: Timestamp,
    address: std::net::IpAddr,
    agent: &'a str,
    language: &'a str,
) -> Sender<'a> {
    let host = Some(site.domain.clone());
    Sender { at, address, agent, hints: Hints::default(), host, language, opted_out: false }
}

/// The next line that is read, as far as the survey went.
pub fn next<'l>(lines: &'l mut Lines<'_>, end: u64) -> Result<Option<Line<'l>>> {
    Ok(lines.next()?.filter(|line| line.end <= end))
}
