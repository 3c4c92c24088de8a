//! The form of a guest link, and its checks.

use super::super::view_only;
use crate::access::guest_links;
use crate::access::{account, embed_origins};
use crate::error::{Error, Problem, Result};
use crate::model::clock::{Timestamp, Zone};
use crate::reports::catalogue;
use crate::reports::dimension::Dimension;
use crate::reports::filter::{self, Filter, Operator};
use crate::reports::visibility::Visibility;
use crate::store::links::{Link, LinkSettings};
use crate::store::segments::Segment;
use crate::web::filter_text;
use std::collections::BTreeSet;

/// The values of the form, as typed.
pub struct LinkForm {
    pub name: String,
    pub expires: String,
    pub embed_origins: String,
    /// True if the link's password is to be removed.
    pub removes_password: bool,
    /// True if a password was typed in a form that was refused: it is not shown again, but must not be lost.
    pub wants_password: bool,
    pub is_white_label: bool,
    /// The filters to keep, each as in an address.
    pub kept: Vec<String>,
    /// New filters as typed: dimension, operator and value.
    pub added: Vec<[String; 3]>,
    /// The ID of the segment whose filters are copied; empty: none.
    pub copied: String,
    pub visibility: Visibility,
}

/// The rows of the form for new filters.
pub const CONDITION_ROWS: usize = 3;

impl LinkForm {
    /// Returns the values of a new link.
    pub fn new() -> Self {
        Self {
            name: String::new(),
            expires: String::new(),
            embed_origins: String::new(),
            removes_password: false,
            wants_password: false,
            is_white_label: false,
            kept: Vec::new(),
            added: Vec::new(),
            copied: String::new(),
            visibility: Visibility::default_view_only(),
        }
    }

    /// Returns the values of an existing link.
    pub fn from_link(link: &Link, zone: &Zone) -> Self {
        // A link ends with a day: its last day is that of the millisecond before.
        let last = link.expires_at.map(|end| zone.day(Timestamp(end.0 - 1)).to_string());
        Self {
            name: link.name.clone(),
            expires: last.unwrap_or_default(),
            embed_origins: link.embed_origins.join("\n"),
            removes_password: false,
            wants_password: false,
            is_white_label: link.is_white_label,
            kept: conditions(link.segment.as_deref().unwrap_or_default()),
            added: Vec::new(),
            copied: String::new(),
            visibility: Visibility::read(Some(&link.view)),
        }
    }

    /// Reads the fields of the form.
    pub fn read(fields: &[(String, String)]) -> Self {
        Self {
            name: value(fields, "name").trim().to_owned(),
            expires: value(fields, "expires").trim().to_owned(),
            embed_origins: value(fields, "embed_origins").to_owned(),
            removes_password: !value(fields, "remove_password").is_empty(),
            wants_password: ["password", "wants_password"]
                .into_iter()
                .any(|field| !value(fields, field).is_empty()),
            is_white_label: !value(fields, "white_label").is_empty(),
            kept: values(fields, "condition"),
            added: rows(fields)
                .into_iter()
                .map(|row| added(fields, row))
                .filter(|[filter, test, value]| !value.is_empty() || is_changed(filter, test))
                .collect(),
            copied: value(fields, "segment").to_owned(),
            visibility: view_only::read(fields),
        }
    }

    /// Returns all filters: those to keep, those of a segment, and those that were typed.
    fn segment(&self, known: &[(Segment, Vec<Filter>)]) -> Result<Vec<Filter>> {
        let mut meant = Vec::new();
        for kept in &self.kept {
            meant.extend(filter::read(kept)?);
        }
        if !self.copied.is_empty() {
            let copied = known.iter().find(|(segment, _)| segment.id.to_string() == self.copied);
            let (_, conditions) = copied.ok_or_else(|| {
                let sentence =
                    "The segment that you chose is not there any more. Choose another one, or none.";
                Error::invalid("segment", sentence)
            })?;
            meant.extend(conditions.clone());
        }
        for [filter, test, value] in &self.added {
            let parts = catalogue::dimension_of_filter(filter).zip(Operator::find(test));
            let (dimension, operator) =
                parts.ok_or_else(|| Error::invalid("segment", "Choose what to filter by."))?;
            if value.is_empty() {
                return Err(Error::invalid("segment", without_value(dimension, operator)));
            }
            meant.push(Filter::typed(dimension, operator, value)?);
        }
        let mut once: Vec<Filter> = Vec::new();
        for condition in meant {
            if !once.contains(&condition) {
                once.push(condition);
            }
        }
        filter::check(&once)?;
        Ok(once)
    }

    /// Returns the problem of the password. A password next to another problem has to be typed again.
    pub fn check_password(&self, secret: &str, is_refused: bool) -> Option<Problem> {
        let sentence = match account::password(secret) {
            Some(sentence) if !secret.is_empty() => sentence.to_owned(),
            _ if !secret.is_empty() && is_refused => {
                "Type the password once more: it is not shown again.".into()
            }
            _ if secret.is_empty() && self.wants_password && !self.removes_password => {
                "You typed a password before. Type it once more, or tick “No password”.".into()
            }
            _ => return None,
        };
        Some(Problem { field: "password", sentence })
    }

    /// Returns the problem of chosen reports that guests would not get.
    fn unseen(&self) -> Option<Problem> {
        let titles: Vec<_> =
            guest_links::unseen(&self.visibility).iter().map(|report| report.title).collect();
        let sentence = format!(
            "Guests would not see these reports, because what they need is switched off under Visitors: {}. Switch it on, \
             or untick them.",
            titles.join(", ")
        );
        (!titles.is_empty()).then_some(Problem { field: "report", sentence })
    }

    /// Returns the settings of the link.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which holds all problems.
    pub fn check(
        &self,
        zone: &Zone,
        now: Timestamp,
        known: &[(Segment, Vec<Filter>)],
    ) -> Result<LinkSettings> {
        let mut problems = Vec::new();
        if let Err(error) = guest_links::check_name(&self.name) {
            problems.extend(error.problems()?);
        }
        let expires_at = match account::last_day(&self.expires, zone, now) {
            Ok(end) => end,
            Err(error) => {
                problems.extend(error.problems()?);
                None
            }
        };
        let embed_origins = match embed_origins::origins(&self.embed_origins) {
            Ok(origins) => origins,
            Err(error) => {
                problems.extend(error.problems()?);
                Vec::new()
            }
        };
        let segment = match self.segment(known) {
            Ok(conditions) => filter::write(&conditions),
            Err(error) => {
                let told = error.problems()?.into_iter();
                problems.extend(told.map(|problem| Problem { field: "segment", ..problem }));
                String::new()
            }
        };
        problems.extend(view_only::problem(&self.visibility).or_else(|| self.unseen()));
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        Ok(LinkSettings {
            name: self.name.clone(),
            expires_at,
            view: self.visibility.store(),
            embed_origins,
            is_white_label: self.is_white_label,
            segment: Some(segment).filter(|text| !text.is_empty()),
        })
    }
}

/// Returns the value of a field; empty if it is missing.
pub fn value<'a>(fields: &'a [(String, String)], wanted: &str) -> &'a str {
    fields.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str())
}

fn values(fields: &[(String, String)], wanted: &str) -> Vec<String> {
    fields.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.clone()).collect()
}

/// Returns the numbers of the filter rows that the form sent.
fn rows(fields: &[(String, String)]) -> Vec<usize> {
    let of = |name: &str| name.strip_prefix("filter-").or(name.strip_prefix("value-"))?.parse().ok();
    let rows: BTreeSet<usize> = fields.iter().filter_map(|(name, _)| of(name)).collect();
    rows.into_iter().collect()
}

/// Returns the three fields of a filter row.
fn added(fields: &[(String, String)], row: usize) -> [String; 3] {
    ["filter", "test", "value"].map(|part| value(fields, &format!("{part}-{row}")).trim().to_owned())
}

/// Returns the dimension and operator of an unchanged row.
fn untouched() -> Option<(&'static Dimension, Operator)> {
    Some((filter_text::first(&Visibility::everything())?, Operator::ALL[0]))
}

/// Returns true if the dimension or the operator of a row was changed.
fn is_changed(filter: &str, test: &str) -> bool {
    !filter.is_empty()
        && untouched()
            .is_none_or(|(dimension, operator)| (dimension.filter, operator.name()) != (filter, test))
}

/// Returns the problem of a row without a value: if it were ignored, the link would show all visits.
fn without_value(dimension: &'static Dimension, operator: Operator) -> String {
    let words = |(dimension, operator)| {
        let bare = Filter { dimension, operator, values: Vec::new() };
        filter_text::sentence(&bare).trim().to_owned()
    };
    let back = untouched().map(words).unwrap_or_default();
    let row = words((dimension, operator));
    format!("“{row}” has no value. Write one, or choose “{back}” there again to leave that row out.")
}

/// Returns filters one by one, each as in an address.
fn conditions(text: &str) -> Vec<String> {
    let read = filter::read(text).unwrap_or_default();
    read.iter().map(|condition| filter::write(std::slice::from_ref(condition))).collect()
}
