//! From a line of hits or of an access log to a hit: the same desk that beacons come over, with the line's own time as
//! the clock. A file is looked through before anything of it is written.

use super::counts::Counts;
use super::format::Format;
use super::hit_line::HitLine;
use super::hosts::RequestHost;
use super::log_fields::{FieldCount, LogFields};
use super::log_line::LogLine;
use super::origin::Addresses;
use super::page_requests;
use super::sorted::{LineOrder, OrderCount};
use super::source_file::{SourceFile, SourceLine, SourceLines};
use super::trusted_proxies::{ForwardedCount, LineClient, TrustedProxies};
use crate::error::{Error, Result};
use crate::ingest::enrich::{Beacon, Enricher, RequestInfo};
use crate::ingest::hit::Hit;
use crate::ingest::user_agent::ClientHints;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::VisitorId;
use crate::store::sites::Site;
use std::net::IpAddr;

/// The reason for which requests are left out that came from nowhere, such as those of a load balancer's own checks.
pub const NO_ADDRESS: &str = "no-address";

/// What a line is.
pub enum LineOutcome<T> {
    /// Something that may count.
    Hit(T),
    /// A rule leaves it out.
    LeftOut(&'static str),
    /// It is a request for another host, whose name this is.
    OtherHost(String),
    /// It can't be understood.
    Bad(&'static str),
    /// It names several addresses, and nobody said which are proxies'.
    Ambiguous,
    /// Nothing.
    Blank,
}

/// What a line says, not understood further yet.
pub enum ParsedLine<'a> {
    /// A hit.
    Hit(Box<HitLine<'a>>),
    /// A request for a page of the site.
    Request(Box<PageRequest<'a>>),
}

/// A request of a log that is a page view.
pub struct PageRequest<'a> {
    /// The parts of the line.
    pub line: LogLine<'a>,
    /// Who sent it.
    client: IpAddr,
    /// The subdomain that it was for; none: the site's domain.
    subdomain: Option<String>,
}

/// Reads the lines of one file for one site.
pub struct LineParser<'a> {
    /// For which site.
    pub site: &'a Site,
    /// What the lines are.
    pub format: Format,
    /// What time it is: nothing happens later.
    pub now: Timestamp,
    /// The proxies before the server that wrote a log.
    pub trusted: &'a TrustedProxies,
    /// The meanings of a log's fields, as the survey of a file tells them.
    pub fields: LogFields,
}

/// What looking through a file told.
pub struct Preview {
    /// What becomes of its lines, as far as they tell themselves.
    pub tally: Counts,
    /// Where the last line ends that is read.
    pub end: u64,
    /// When its oldest hit happened.
    pub first_at: Option<Timestamp>,
    /// The order of its hits.
    pub order: LineOrder,
    /// The counts of fields that may be one thing or another.
    fields: FieldCount,
    /// Lines whose last fields name further addresses.
    pub forwarded: ForwardedCount,
    /// Hits with an address in the place of the user's name that was not believed.
    pub user_addresses: u64,
    /// The first line that names several addresses, while nobody said which are proxies'.
    ambiguous: Option<u64>,
}

impl LineParser<'_> {
    /// Looks through a text from a place on, see [`Text::lines`]; its first bytes are `head`. Learns from all of it, also
    /// what is before that place, what its fields are. Fails where a line can't be understood without being told which
    /// proxies are trusted.
    pub fn survey(
        &mut self,
        (text, head): (&SourceFile, &[u8]),
        from: (u64, u64),
        progress: &dyn Fn(u64),
    ) -> Result<Preview> {
        let mut survey = self.look_through((text, head), from, progress)?;
        if from.0 > 0 && survey.fields.is_open() {
            self.learn_before(text, from.0, &mut survey.fields)?;
        }
        let fields = survey.fields.fields();
        if fields != self.fields {
            self.fields = fields;
            survey = self.look_through((text, head), from, progress)?;
        }
        let is_unknown = *self.trusted == TrustedProxies::Unknown;
        match survey.ambiguous.or(survey.forwarded.refused().filter(|_| is_unknown)) {
            Some(number) => Err(which_proxies(text, number)),
            None => Ok(survey),
        }
    }

    /// Looks through a text once, by what is known of its fields.
    fn look_through(
        &self,
        (text, head): (&SourceFile, &[u8]),
        from: (u64, u64),
        progress: &dyn Fn(u64),
    ) -> Result<Preview> {
        let mut lines = text.lines(from, limits::IMPORT_LINE_BYTES_MAX)?;
        let (mut first_at, mut order) = (None, OrderCount::default());
        let mut survey = Preview {
            tally: Counts::default(),
            end: from.0,
            first_at: None,
            order: LineOrder::OldestFirst,
            fields: FieldCount::default(),
            forwarded: ForwardedCount::default(),
            user_addresses: 0,
            ambiguous: None,
        };
        if from.0 > 0 {
            self.learn_from_head(head, &mut survey.forwarded);
        }
        while let Some(line) = lines.next()? {
            if !self.is_read(&line) {
                survey.tally.is_unfinished = true;
                break;
            }
            survey.end = line.end;
            survey.tally.lines += 1;
            let written = line.text();
            let mut see = |line: &LogLine<'_>, is_page| survey.fields.add(self.site, line, is_page);
            match self.read_and_show(line.is_too_long, &written, &mut see) {
                LineOutcome::Hit(said) => {
                    survey.tally.taken += 1;
                    if let ParsedLine::Request(request) = &said {
                        let origin = &request.line.origin;
                        survey.forwarded.add(line.number, origin);
                        survey.user_addresses += u64::from(origin.user_addresses != Addresses::None);
                    }
                    let at = said.at();
                    first_at = first_at.min(Some(at)).or(Some(at));
                    order.add(at);
                }
                LineOutcome::LeftOut(reason) => survey.tally.leave_out(reason),
                LineOutcome::OtherHost(name) => survey.tally.leave_out_host(name),
                LineOutcome::Bad(why) => survey.tally.refuse(line.number, why),
                LineOutcome::Ambiguous => survey.ambiguous = survey.ambiguous.or(Some(line.number)),
                LineOutcome::Blank => {}
            }
            if survey.tally.lines.is_multiple_of(1_000) {
                progress(text.passed());
            }
        }
        (survey.first_at, survey.order) = (first_at, order.order());
        Ok(survey)
    }

    /// Learns how addresses are written from a file's first lines, of which the survey reads none.
    fn learn_from_head(&self, head: &[u8], forwarded: &mut ForwardedCount) {
        let text = String::from_utf8_lossy(head);
        for (number, line) in (1..).zip(text.lines()) {
            if let LineOutcome::Hit(ParsedLine::Request(request)) = self.read(false, line) {
                forwarded.add(number, &request.line.origin);
            }
        }
    }

    /// Learns what the fields are from all lines before a place: what they told holds behind it, too.
    fn learn_before(&self, text: &SourceFile, end: u64, fields: &mut FieldCount) -> Result<()> {
        let mut lines = text.lines((0, 0), limits::IMPORT_LINE_BYTES_MAX)?;
        let mut see = |line: &LogLine<'_>, is_page| fields.add(self.site, line, is_page);
        while let Some(line) = next(&mut lines, end)? {
            self.read_and_show(line.is_too_long, &line.text(), &mut see);
        }
        Ok(())
    }

    /// Whether a line is read now. One without an end is still being written, unless it is whole JSON.
    pub fn is_read(&self, line: &SourceLine<'_>) -> bool {
        line.is_finished
            || self.format != Format::Log
                && serde_json::from_slice::<serde::de::IgnoredAny>(line.bytes).is_ok()
    }

    /// What a line says.
    pub fn read<'l>(&self, is_too_long: bool, line: &'l str) -> LineOutcome<ParsedLine<'l>> {
        self.read_and_show(is_too_long, line, &mut |_, _| {})
    }

    /// The judgement of [`Judge::read`], which shows each request that can be understood, as it is written, and whether it is a page.
    fn read_and_show<'l>(
        &self,
        is_too_long: bool,
        line: &'l str,
        see: &mut impl FnMut(&LogLine<'_>, bool),
    ) -> LineOutcome<ParsedLine<'l>> {
        if is_too_long {
            return LineOutcome::Bad("the line is longer than 64 KiB");
        }
        if line.trim().is_empty() {
            return LineOutcome::Blank;
        }
        if self.format == Format::Log {
            return match LogLine::parse(line) {
                Ok(line) => {
                    self.wrong_time(line.at).map_or_else(|| self.page_request(line, see), LineOutcome::Bad)
                }
                Err(why) => LineOutcome::Bad(why),
            };
        }
        match HitLine::parse(line) {
            Ok(line) => self
                .wrong_time(line.at)
                .map_or_else(|| LineOutcome::Hit(ParsedLine::Hit(Box::new(line))), LineOutcome::Bad),
            Err(why) => LineOutcome::Bad(why),
        }
    }

    fn wrong_time(&self, at: Timestamp) -> Option<&'static str> {
        if at > self.now.after(limits::CLOCK_AHEAD_MAX) {
            return Some("the time is in the future");
        }
        (at.0 < 0).then_some("the time is before 1970")
    }

    fn page_request<'l>(
        &self,
        mut line: LogLine<'l>,
        see: &mut impl FnMut(&LogLine<'_>, bool),
    ) -> LineOutcome<ParsedLine<'l>> {
        let skip = page_requests::skip(&line);
        see(&line, skip.is_none());
        if self.fields.user_addresses {
            line.origin.take_user_addresses();
        }
        let subdomain = match RequestHost::find(self.site, &line, self.fields) {
            RequestHost::Main => None,
            RequestHost::Subdomain(name) => Some(name),
            RequestHost::Other(name) => return LineOutcome::OtherHost(name),
        };
        if let Some(skip) = skip {
            return LineOutcome::LeftOut(skip.names().0);
        }
        match self.trusted.client(&line.origin) {
            LineClient::Address(client) => {
                LineOutcome::Hit(ParsedLine::Request(Box::new(PageRequest { line, client, subdomain })))
            }
            LineClient::Missing => LineOutcome::LeftOut(NO_ADDRESS),
            LineClient::Ambiguous => LineOutcome::Ambiguous,
        }
    }

    /// The hit that a line makes.
    pub fn judge(&self, desk: &Enricher, line: &SourceLine<'_>) -> LineOutcome<Hit> {
        match self.read(line.is_too_long, &line.text()) {
            LineOutcome::Hit(said) => {
                let hit = match said {
                    ParsedLine::Hit(line) => self.hit(desk, *line),
                    ParsedLine::Request(request) => self.request(desk, &request),
                };
                hit.map_or(LineOutcome::Bad("the site is missing"), LineOutcome::Hit)
            }
            LineOutcome::LeftOut(reason) => LineOutcome::LeftOut(reason),
            LineOutcome::OtherHost(name) => LineOutcome::OtherHost(name),
            LineOutcome::Bad(why) => LineOutcome::Bad(why),
            LineOutcome::Ambiguous => LineOutcome::Ambiguous,
            LineOutcome::Blank => LineOutcome::Blank,
        }
    }

    fn request(&self, desk: &Enricher, request: &PageRequest<'_>) -> Option<Hit> {
        let PageRequest { line, client, subdomain } = request;
        let host = subdomain.as_deref().unwrap_or(&self.site.domain);
        let beacon = Beacon {
            site: Some(self.site.id),
            kind: "pageview".into(),
            // A path may begin with two slashes: it must not be taken for a host.
            href: format!("https://{host}{}", line.path().unwrap_or("/")),
            referrer: line.referrer.as_ref().to_owned(),
            ..Beacon::default()
        };
        desk.enrich(beacon, &sender(self.site, line.at, *client, &line.agent, ""))
    }

    fn hit(&self, desk: &Enricher, line: HitLine<'_>) -> Option<Hit> {
        let lasting = (!line.uid.is_empty()).then(|| VisitorId::of_name(&line.uid));
        let javascript = !line.screen.is_empty();
        let beacon = Beacon {
            site: Some(self.site.id),
            kind: line.kind.into(),
            href: line.href.into_owned(),
            title: line.title.into_owned(),
            referrer: line.referrer.into_owned(),
            screen: line.screen.into_owned(),
            visitor: lasting.map(|id| id.to_string()).unwrap_or_default(),
            cookie_kept: lasting.is_some(),
            javascript,
            custom: line.custom,
            goal: line.goal,
            revenue: line.revenue,
            ..Beacon::default()
        };
        let sender = sender(self.site, line.at, line.address, &line.agent, &line.language);
        let mut hit = desk.enrich(beacon, &sender)?;
        hit.written_elsewhere(&line.uid, !line.agent.trim().is_empty());
        Some(hit)
    }
}

impl ParsedLine<'_> {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Hit(line) => line.at,
            Self::Request(request) => request.line.at,
        }
    }
}

/// What is said of a file whose lines name several addresses.
fn which_proxies(text: &SourceFile, number: u64) -> Error {
    Error::Setup(format!(
        "{}, line {number}, names several addresses, of which all but one belong to proxies. Say which proxies stand before \
         the server with --trust-proxy CIDR, once for each: the last address that is none of them is the visitor's. If there \
         is no proxy, say --trust-proxy none. Nothing was changed.",
        text.name()
    ))
}

fn sender<'a>(
    site: &Site,
    at: Timestamp,
    address: std::net::IpAddr,
    agent: &'a str,
    language: &'a str,
) -> RequestInfo<'a> {
    let host = Some(site.domain.clone());
    RequestInfo { at, address, agent, hints: ClientHints::default(), host, language, opted_out: false }
}

/// The next line that is read, as far as the survey went.
pub fn next<'l>(lines: &'l mut SourceLines<'_>, end: u64) -> Result<Option<SourceLine<'l>>> {
    Ok(lines.next()?.filter(|line| line.end <= end))
}
