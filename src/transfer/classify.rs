//! The parser of hit lines and access logs: it makes a hit of each line, with the enricher of beacons and the line's own
//! time as the clock. A file is previewed before anything of it is written.

use super::counts::{self, Counts};
use super::format::Format;
use super::hit_line::HitLine;
use super::hosts::RequestHost;
use super::log_fields::{FieldCount, LogFields};
use super::log_line::LogLine;
use super::origin::Addresses;
use super::page_requests;
use super::sorted::{LineOrder, OrderCount};
use super::source_file::{LinePosition, SourceFile, SourceLine, SourceLines};
use super::trusted_proxies::{ForwardedCount, LineClient, TrustedProxies};
use crate::error::{Error, Result};
use crate::ingest::beacon::{Beacon, RequestInfo};
use crate::ingest::enrich::Enricher;
use crate::ingest::hit::Hit;
use crate::ingest::user_agent::ClientHints;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::VisitorId;
use crate::store::sites::Site;
use crate::store::visit_attribute::VisitAttribute;
use std::net::IpAddr;

/// The outcome of a line.
pub enum LineOutcome<T> {
    /// A hit, if the rules of the site accept it.
    Hit(T),
    /// The line is dropped, for this reason.
    Dropped(&'static str),
    /// A request for another host of this name.
    OtherHost(String),
    /// The problem of a line that cannot be parsed.
    Invalid(&'static str),
    /// A line with several addresses, when the proxies are not specified.
    Ambiguous,
    /// An empty line.
    Blank,
}

/// A parsed line.
pub enum ParsedLine<'a> {
    /// A line of JSON.
    Hit(Box<HitLine<'a>>),
    /// A request of a log for a page of the site.
    Request(Box<PageRequest<'a>>),
}

/// A request of a log that is a page view.
pub struct PageRequest<'a> {
    /// The parts of the line.
    pub line: LogLine<'a>,
    /// The address of the client.
    client: IpAddr,
    /// The subdomain that was requested; `None` for the site's domain.
    subdomain: Option<String>,
}

/// A parser for the lines of one file, for one site.
pub struct LineParser<'a> {
    /// The site.
    pub site: &'a Site,
    /// The format of the file.
    pub format: Format,
    /// The current time: a later line is invalid.
    pub now: Timestamp,
    /// The proxies in front of the server that wrote a log.
    pub trusted: &'a TrustedProxies,
    /// The meanings of a log's fields, found by the preview of the file.
    pub fields: LogFields,
}

/// The preview of a file: the counts of its lines, without the rules of the site.
pub struct Preview {
    /// The counts of its lines.
    pub counts: Counts,
    /// The end of the last line that is read, as an offset in bytes.
    pub end: u64,
    /// The time of its oldest hit.
    pub first_at: Option<Timestamp>,
    /// The order of its hits.
    pub order: LineOrder,
    /// The counts of ambiguous fields.
    fields: FieldCount,
    /// The count of lines whose last fields have further addresses.
    pub forwarded: ForwardedCount,
    /// The number of hits with an untrusted address in the place of the user name.
    pub user_addresses: u64,
    /// The number of the first line with several addresses, if the proxies are not specified.
    ambiguous: Option<u64>,
}

impl LineParser<'_> {
    /// Reads a file from a position on; `head` are its first bytes. The meanings of its fields are found from all lines,
    /// also those before that position. `progress` gets the number of bytes read from time to time.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when a line is ambiguous as long as the proxies are not specified, and when the file
    /// cannot be read.
    pub fn preview(
        &mut self,
        file: &SourceFile,
        head: &[u8],
        from: LinePosition,
        progress: &dyn Fn(u64),
    ) -> Result<Preview> {
        let mut preview = self.scan(file, head, from, progress)?;
        if from.bytes > 0 && preview.fields.is_open() {
            self.learn_before(file, from.bytes, &mut preview.fields)?;
        }
        let fields = preview.fields.fields();
        if fields != self.fields {
            self.fields = fields;
            preview = self.scan(file, head, from, progress)?;
        }
        let is_unknown = *self.trusted == TrustedProxies::Unknown;
        match preview.ambiguous.or(preview.forwarded.refused().filter(|_| is_unknown)) {
            Some(number) => Err(which_proxies(file, number)),
            None => Ok(preview),
        }
    }

    /// Reads a file once, with the meanings of its fields as they are known.
    fn scan(
        &self,
        file: &SourceFile,
        head: &[u8],
        from: LinePosition,
        progress: &dyn Fn(u64),
    ) -> Result<Preview> {
        let mut lines = file.lines(from, limits::IMPORT_LINE_BYTES_MAX)?;
        let (mut first_at, mut order) = (None, OrderCount::default());
        let mut preview = Preview {
            counts: Counts::default(),
            end: from.bytes,
            first_at: None,
            order: LineOrder::OldestFirst,
            fields: FieldCount::default(),
            forwarded: ForwardedCount::default(),
            user_addresses: 0,
            ambiguous: None,
        };
        if from.bytes > 0 {
            self.learn_from_head(head, &mut preview.forwarded);
        }
        while let Some(line) = lines.next()? {
            if !self.is_complete(&line) {
                preview.counts.is_unfinished = true;
                break;
            }
            preview.end = line.end;
            preview.counts.lines += 1;
            let text = line.text();
            let mut count_fields = |line: &LogLine<'_>, is_page| preview.fields.add(self.site, line, is_page);
            match self.parse_visiting(line.is_too_long, &text, &mut count_fields) {
                LineOutcome::Hit(parsed) => {
                    preview.counts.imported += 1;
                    if let ParsedLine::Request(request) = &parsed {
                        let origin = &request.line.origin;
                        preview.forwarded.add(line.number, origin);
                        preview.user_addresses += u64::from(origin.user_addresses != Addresses::None);
                    }
                    let at = parsed.at();
                    first_at = first_at.min(Some(at)).or(Some(at));
                    order.add(at);
                }
                LineOutcome::Dropped(reason) => preview.counts.drop_line(reason),
                LineOutcome::OtherHost(name) => preview.counts.drop_other_host(name),
                LineOutcome::Invalid(why) => preview.counts.reject(line.number, why),
                LineOutcome::Ambiguous => preview.ambiguous = preview.ambiguous.or(Some(line.number)),
                LineOutcome::Blank => {}
            }
            if preview.counts.lines.is_multiple_of(1_000) {
                progress(file.passed());
            }
        }
        (preview.first_at, preview.order) = (first_at, order.order());
        Ok(preview)
    }

    /// Counts the addresses in a file's first lines, which a preview from a later position does not read.
    fn learn_from_head(&self, head: &[u8], forwarded: &mut ForwardedCount) {
        let text = String::from_utf8_lossy(head);
        for (number, line) in (1..).zip(text.lines()) {
            if let LineOutcome::Hit(ParsedLine::Request(request)) = self.parse(false, line) {
                forwarded.add(number, &request.line.origin);
            }
        }
    }

    /// Counts the ambiguous fields of all lines before an offset: their meaning is the same behind it.
    fn learn_before(&self, file: &SourceFile, end: u64, fields: &mut FieldCount) -> Result<()> {
        let mut lines = file.lines(LinePosition::START, limits::IMPORT_LINE_BYTES_MAX)?;
        let mut count_fields = |line: &LogLine<'_>, is_page| fields.add(self.site, line, is_page);
        while let Some(line) = next_before(&mut lines, end)? {
            self.parse_visiting(line.is_too_long, &line.text(), &mut count_fields);
        }
        Ok(())
    }

    /// Returns true if a line is complete. One without a line end is still being written, unless it is complete JSON.
    pub fn is_complete(&self, line: &SourceLine<'_>) -> bool {
        line.is_finished
            || self.format != Format::Log
                && serde_json::from_slice::<serde::de::IgnoredAny>(line.bytes).is_ok()
    }

    /// Parses a line.
    pub fn parse<'l>(&self, is_too_long: bool, line: &'l str) -> LineOutcome<ParsedLine<'l>> {
        self.parse_visiting(is_too_long, line, &mut |_, _| {})
    }

    /// Parses a line; `visit` gets each valid request of a log as it is written, and whether it is a page view.
    fn parse_visiting<'l>(
        &self,
        is_too_long: bool,
        line: &'l str,
        visit: &mut impl FnMut(&LogLine<'_>, bool),
    ) -> LineOutcome<ParsedLine<'l>> {
        if is_too_long {
            return LineOutcome::Invalid("the line is longer than 64 KiB");
        }
        if line.trim().is_empty() {
            return LineOutcome::Blank;
        }
        if self.format == Format::Log {
            return match LogLine::parse(line) {
                Ok(line) => self
                    .time_problem(line.at)
                    .map_or_else(|| self.page_request(line, visit), LineOutcome::Invalid),
                Err(why) => LineOutcome::Invalid(why),
            };
        }
        match HitLine::parse(line) {
            Ok(line) => self
                .time_problem(line.at)
                .map_or_else(|| LineOutcome::Hit(ParsedLine::Hit(Box::new(line))), LineOutcome::Invalid),
            Err(why) => LineOutcome::Invalid(why),
        }
    }

    fn time_problem(&self, at: Timestamp) -> Option<&'static str> {
        if at > self.now.after(limits::CLOCK_AHEAD_MAX) {
            return Some("the time is in the future");
        }
        (at.0 < 0).then_some("the time is before 1970")
    }

    fn page_request<'l>(
        &self,
        mut line: LogLine<'l>,
        visit: &mut impl FnMut(&LogLine<'_>, bool),
    ) -> LineOutcome<ParsedLine<'l>> {
        let skip = page_requests::skip(&line);
        visit(&line, skip.is_none());
        if self.fields.user_addresses {
            line.origin.take_user_addresses();
        }
        let subdomain = match RequestHost::find(self.site, &line, self.fields) {
            RequestHost::Main => None,
            RequestHost::Subdomain(name) => Some(name),
            RequestHost::Other(name) => return LineOutcome::OtherHost(name),
        };
        if let Some(skip) = skip {
            return LineOutcome::Dropped(skip.names().0);
        }
        match self.trusted.client(&line.origin) {
            LineClient::Address(client) => {
                LineOutcome::Hit(ParsedLine::Request(Box::new(PageRequest { line, client, subdomain })))
            }
            LineClient::Missing => LineOutcome::Dropped(counts::NO_ADDRESS),
            LineClient::Ambiguous => LineOutcome::Ambiguous,
        }
    }

    /// Parses a line and makes a hit of it.
    pub fn enrich(&self, enricher: &Enricher, line: &SourceLine<'_>) -> LineOutcome<Hit> {
        match self.parse(line.is_too_long, &line.text()) {
            LineOutcome::Hit(parsed) => {
                let hit = match parsed {
                    ParsedLine::Hit(line) => self.line_hit(enricher, *line),
                    ParsedLine::Request(request) => self.request_hit(enricher, &request),
                };
                hit.map_or(LineOutcome::Invalid("the site is missing"), LineOutcome::Hit)
            }
            LineOutcome::Dropped(reason) => LineOutcome::Dropped(reason),
            LineOutcome::OtherHost(name) => LineOutcome::OtherHost(name),
            LineOutcome::Invalid(why) => LineOutcome::Invalid(why),
            LineOutcome::Ambiguous => LineOutcome::Ambiguous,
            LineOutcome::Blank => LineOutcome::Blank,
        }
    }

    fn request_hit(&self, enricher: &Enricher, request: &PageRequest<'_>) -> Option<Hit> {
        let PageRequest { line, client, subdomain } = request;
        let host = subdomain.as_deref().unwrap_or(&self.site.domain);
        let beacon = Beacon {
            site: Some(self.site.id),
            kind: "pageview".into(),
            // A path may begin with two slashes: it must not be taken for a host.
            href: format!("https://{host}{}", line.path().unwrap_or("/")),
            referrer: line.referrer.as_ref().to_owned(),
            status: line.status.to_string(),
            ..Beacon::default()
        };
        enricher.enrich(beacon, &sender(self.site, line.at, *client, &line.agent, ""))
    }

    fn line_hit(&self, enricher: &Enricher, line: HitLine<'_>) -> Option<Hit> {
        let cookie = (!line.uid.is_empty()).then(|| VisitorId::of_name(&line.uid));
        let javascript = !line.screen.is_empty();
        let beacon = Beacon {
            site: Some(self.site.id),
            kind: line.kind.into(),
            href: line.href.into_owned(),
            title: line.title.into_owned(),
            referrer: line.referrer.into_owned(),
            attributes: vec![(VisitAttribute::Screen, line.screen.into_owned())],
            visitor: cookie.map(|id| id.to_string()).unwrap_or_default(),
            cookie_kept: cookie.is_some(),
            javascript,
            custom: line.custom,
            goal: line.goal,
            revenue: line.revenue,
            currency: line.currency,
            status: line.status,
            ..Beacon::default()
        };
        let sender = sender(self.site, line.at, line.address, &line.agent, &line.language);
        let mut hit = enricher.enrich(beacon, &sender)?;
        hit.mark_imported(&line.uid, !line.agent.trim().is_empty());
        Some(hit)
    }
}

impl ParsedLine<'_> {
    /// Returns the time of the hit.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Hit(line) => line.at,
            Self::Request(request) => request.line.at,
        }
    }
}

/// Returns the error for a file whose lines have several addresses.
fn which_proxies(file: &SourceFile, number: u64) -> Error {
    Error::Setup(format!(
        "{}, line {number}, names several addresses, of which all but one belong to proxies. Say which proxies stand before \
         the server with --trust-proxy CIDR, once for each: the last address that is none of them is the visitor's. If there \
         is no proxy, say --trust-proxy none. Nothing was changed.",
        file.name()
    ))
}

fn sender<'a>(
    site: &Site,
    at: Timestamp,
    address: IpAddr,
    agent: &'a str,
    language: &'a str,
) -> RequestInfo<'a> {
    let host = Some(site.domain.clone());
    RequestInfo { at, address, agent, hints: ClientHints::default(), host, language, opted_out: false }
}

/// Reads the next line, up to an end offset in bytes.
///
/// # Errors
///
/// Fails when the file cannot be read.
pub fn next_before<'l>(lines: &'l mut SourceLines<'_>, end: u64) -> Result<Option<SourceLine<'l>>> {
    Ok(lines.next()?.filter(|line| line.end <= end))
}
