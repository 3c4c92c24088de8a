//! The form of a guest link, and its checks.

use super::super::view_only;
use crate::access::password;
use crate::error::{Error, Problem, Result};
use crate::model::clock::{Timestamp, Zone};
use crate::reports::catalogue;
use crate::reports::dimension::Dimension;
use crate::reports::filter::{self, Filter, Operator};
use crate::reports::filter_sentence;
use crate::reports::visibility::Visibility;
use crate::sites::{self, embed_origins, guest_links};
use crate::store::links::{Link, LinkSettings};
use crate::store::segments::Segment;
use crate::web::filters::filter_text;
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
    pub kept_filters: Vec<String>,
    /// New filters as typed: dimension, operator and value.
    pub new_filters: Vec<[String; 3]>,
    /// The ID of the segment whose filters are copied; empty: none.
    pub segment_id: String,
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
            kept_filters: Vec::new(),
            new_filters: Vec::new(),
            segment_id: String::new(),
            visibility: Visibility::default_guest(),
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
            kept_filters: conditions(link.segment.as_deref().unwrap_or_default()),
            new_filters: Vec::new(),
            segment_id: String::new(),
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
            kept_filters: values(fields, "condition"),
            new_filters: rows(fields)
                .into_iter()
                .map(|row| added(fields, row))
                .filter(|[filter, test, value]| !value.is_empty() || is_changed(filter, test))
                .collect(),
            segment_id: value(fields, "segment").to_owned(),
            visibility: view_only::read(fields),
        }
    }

    /// Returns all filters: those to keep, those of a segment, and those that were typed.
    fn segment(&self, segments: &[(Segment, Vec<Filter>)]) -> Result<Vec<Filter>> {
        let mut filters = Vec::new();
        for text in &self.kept_filters {
            filters.extend(filter::read(text)?);
        }
        if !self.segment_id.is_empty() {
            let segment = segments.iter().find(|(segment, _)| segment.id.to_string() == self.segment_id);
            let (_, conditions) = segment.ok_or_else(|| {
                let sentence =
                    "The segment that you chose is not there any more. Choose another one, or none.";
                Error::invalid("segment", sentence)
            })?;
            filters.extend(conditions.clone());
        }
        for [filter, test, value] in &self.new_filters {
            let parts = catalogue::dimension_of_filter(filter).zip(Operator::find(test));
            let (dimension, operator) =
                parts.ok_or_else(|| Error::invalid("segment", "Choose what to filter by."))?;
            if value.is_empty() {
                return Err(Error::invalid("segment", without_value(dimension, operator)));
            }
            filters.push(Filter::typed(dimension, operator, value)?);
        }
        let mut unique: Vec<Filter> = Vec::new();
        for filter in filters {
            if !unique.contains(&filter) {
                unique.push(filter);
            }
        }
        filter::check(&unique)?;
        Ok(unique)
    }

    /// Returns the problem of the password. A password next to another problem has to be typed again.
    pub fn check_password(&self, secret: &str, is_refused: bool) -> Option<Problem> {
        let sentence = match password::problem(secret) {
            Some(sentence) if !secret.is_empty() => sentence.to_owned(),
            _ if !secret.is_empty() && is_refused => {
                "Type the password once more: it is not shown again.".into()
            }
            _ if secret.is_empty() && self.wants_password && !self.removes_password => {
                "You typed a password before. Type it once more, or tick “No password”.".into()
            }
            _ => return None,
        };
        Some(Problem { field: "password".into(), sentence })
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
        (!titles.is_empty()).then_some(Problem { field: "report".into(), sentence })
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
        segments: &[(Segment, Vec<Filter>)],
    ) -> Result<LinkSettings> {
        let mut problems = Vec::new();
        if let Err(error) = guest_links::check_name(&self.name) {
            problems.extend(error.problems()?);
        }
        let expires_at = match guest_links::last_day(&self.expires, zone, now) {
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
        let segment = match self.segment(segments) {
            Ok(conditions) => filter::write(&conditions),
            Err(error) => {
                let segment_problems = error.problems()?.into_iter();
                problems
                    .extend(segment_problems.map(|problem| Problem { field: "segment".into(), ..problem }));
                String::new()
            }
        };
        problems.extend(sites::view_only::problem(&self.visibility).or_else(|| self.unseen()));
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
pub fn value<'a>(fields: &'a [(String, String)], field: &str) -> &'a str {
    fields.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value.as_str())
}

fn values(fields: &[(String, String)], field: &str) -> Vec<String> {
    fields.iter().filter(|(name, _)| name == field).map(|(_, value)| value.clone()).collect()
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
    Some((filter_text::first(&Visibility::everything())?, Operator::Is))
}

/// Returns true if the dimension or the operator of a row was changed.
fn is_changed(filter: &str, test: &str) -> bool {
    !filter.is_empty()
        && untouched()
            .is_none_or(|(dimension, operator)| (dimension.filter, operator.name()) != (filter, test))
}

/// Returns the problem of a row without a value: if it were ignored, the link would show all visits.
fn without_value(dimension: &'static Dimension, operator: Operator) -> String {
    let sentence = |(dimension, operator)| {
        let bare = Filter { dimension, operator, values: Vec::new() };
        filter_sentence::sentence(&bare).trim().to_owned()
    };
    let back = untouched().map(sentence).unwrap_or_default();
    let row = sentence((dimension, operator));
    format!("“{row}” has no value. Write one, or choose “{back}” there again to leave that row out.")
}

/// Returns filters one by one, each as in an address.
fn conditions(text: &str) -> Vec<String> {
    let read = filter::read(text).unwrap_or_default();
    read.iter().map(|condition| filter::write(std::slice::from_ref(condition))).collect()
}
