//! Filters as people enter them and as URLs carry them: one parser and one writer. `country=DE` is Clicky's grammar;
//! operators that Clicky lacks follow a dot: `country.not=DE`, `href.contains=cakes`, `href.starts=/blog/`,
//! `country.in=DE,AT`. Knows nothing of how visits are found.

use super::catalogue;
use super::dimension::{Dimension, GroupKey, ValueKind};
use super::filter_value::{parse_address, parse_range, parse_visit};
use super::funnel_step::FunnelStepValue;
use crate::error::{Error, Result};
use crate::limits;
use strum::{EnumIter, EnumString, IntoStaticStr};

/// The value that stands for unknown.
pub const UNKNOWN: &str = "(unknown)";

/// An operator: the way in which values are compared, in the order of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Operator {
    /// Equal; of several values of a visit, one is.
    Is,
    /// Not equal; of several values of a visit, none is.
    #[strum(serialize = "not")]
    IsNot,
    /// Equal to one of the filter's values.
    #[strum(serialize = "in")]
    OneOf,
    /// Contains the filter's value, in any case.
    Contains,
    /// Does not contain the filter's value, in any case.
    Lacks,
    /// Begins with the filter's value, in any case.
    Starts,
}

impl Operator {
    /// Returns the suffix after the dot in a URL; empty for *is*.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Finds an operator by its suffix.
    pub fn find(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// Returns the words between the dimension and the value.
    pub fn label(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::OneOf => "is one of",
            Self::Contains => "contains",
            Self::Lacks => "does not contain",
            Self::Starts => "starts with",
        }
    }

    /// Returns true if matching visits are excluded.
    pub fn is_negated(self) -> bool {
        matches!(self, Self::IsNot | Self::Lacks)
    }

    /// Returns true if a part of the name is compared.
    pub fn is_partial(self) -> bool {
        matches!(self, Self::Contains | Self::Lacks | Self::Starts)
    }

    /// Returns true if the operator suits a dimension: numbers and visitors have no parts.
    pub fn suits(self, dimension: &Dimension) -> bool {
        !self.is_partial() || !(is_number(dimension) || is_identity(dimension))
    }
}

/// Returns true if values are numbers and ranges of them.
pub fn is_number(dimension: &Dimension) -> bool {
    matches!(dimension.group_key, GroupKey::ActionCount | GroupKey::TimeOnSite)
}

/// Returns true if values identify one visitor, visit, address or goal, which have no parts.
pub fn is_identity(dimension: &Dimension) -> bool {
    matches!(
        dimension.value_kind,
        ValueKind::Visitor
            | ValueKind::VisitId
            | ValueKind::IpAddress
            | ValueKind::Goal
            | ValueKind::FunnelStep
    )
}

/// A filter: a dimension, an operator and values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The dimension whose values are compared.
    pub dimension: &'static Dimension,
    /// The operator.
    pub operator: Operator,
    /// The values: several for *one of*, one for the other operators.
    pub values: Vec<String>,
}

impl Filter {
    /// Creates a filter.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for an operator that does not suit the dimension, and for values that are no values of it.
    pub fn new(dimension: &'static Dimension, operator: Operator, values: Vec<String>) -> Result<Self> {
        if !operator.suits(dimension) {
            return Err(refused(format!(
                "{} can't be compared by a part. Choose “is”, “is not” or “is one of”.",
                dimension.noun
            )));
        }
        if values.is_empty() || values.iter().any(String::is_empty) {
            return Err(refused("Write what to look for."));
        }
        if values.len() > limits::CONDITION_VALUES_MAX {
            return Err(refused(format!("Name {} values at most.", limits::CONDITION_VALUES_MAX)));
        }
        if values.iter().any(|value| value.len() > limits::CONDITION_BYTES_MAX) {
            return Err(refused("That is too long to look for. Write less."));
        }
        if is_number(dimension) {
            values.iter().try_for_each(|value| parse_range(value).map(drop))?;
        }
        let known = || values.iter().filter(|value| *value != UNKNOWN);
        match dimension.value_kind {
            ValueKind::VisitId => known().try_for_each(|value| parse_visit(value).map(drop))?,
            ValueKind::IpAddress => known().try_for_each(|value| parse_address(value).map(drop))?,
            ValueKind::FunnelStep => {
                values.iter().try_for_each(|value| FunnelStepValue::parse(value).map(drop))?;
            }
            _ => {}
        }
        Ok(Self { dimension, operator, values })
    }

    /// Creates a filter from a form's text: outer white space is ignored, and several values are separated by commas.
    pub fn typed(dimension: &'static Dimension, operator: Operator, text: &str) -> Result<Self> {
        let values = match operator {
            Operator::OneOf => parts(text).iter().map(|part| part.trim().to_owned()).collect(),
            _ => vec![text.trim().to_owned()],
        };
        Self::new(dimension, operator, values.into_iter().filter(|value| !value.is_empty()).collect())
    }

    /// Parses a query parameter; `None` when it is no filter, or an empty one.
    pub fn parse(name: &str, text: &str) -> Result<Option<Self>> {
        let (filter, operator) = name.split_once('.').unwrap_or((name, Operator::Is.name()));
        let Some(dimension) = catalogue::dimension_of_filter(filter) else { return Ok(None) };
        let operator = Operator::find(operator).ok_or_else(|| {
            refused(format!(
                "{name} is no way to compare. There are {filter}, {filter}.not, {filter}.in, {filter}.contains, \
                 {filter}.lacks and {filter}.starts."
            ))
        })?;
        // Clicky takes several addresses by comma.
        let is_list =
            operator == Operator::Is && dimension.value_kind == ValueKind::IpAddress && text.contains(',');
        let operator = if is_list { Operator::OneOf } else { operator };
        let values = if operator == Operator::OneOf { parts(text) } else { vec![text.to_owned()] };
        let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        if values.is_empty() { Ok(None) } else { Self::new(dimension, operator, values).map(Some) }
    }

    /// Returns the query parameter: name and value.
    pub fn parameter(&self) -> (String, String) {
        let filter = self.dimension.filter;
        let name = match self.operator {
            Operator::Is => filter.to_owned(),
            operator => format!("{filter}.{}", operator.name()),
        };
        (name, self.text())
    }

    /// Returns the values as one text, as it is typed.
    pub fn text(&self) -> String {
        match self.operator {
            Operator::OneOf => {
                let escaped = self.values.iter().map(|value| value.replace('\\', "\\\\").replace(',', "\\,"));
                escaped.collect::<Vec<_>>().join(",")
            }
            _ => self.values.concat(),
        }
    }
}

fn refused(sentence: impl Into<String>) -> Error {
    Error::invalid("filter", sentence)
}

/// Splits a text at commas. A comma or backslash within a part follows a backslash.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ',' => parts.push(String::new()),
            letter => {
                let kept = if letter == '\\' { letters.next().unwrap_or(letter) } else { letter };
                parts.last_mut().into_iter().for_each(|part| part.push(kept));
            }
        }
    }
    parts
}

/// Checks the number of filters.
fn check_count(count: usize) -> Result<()> {
    if count <= limits::CONDITIONS_MAX {
        return Ok(());
    }
    Err(refused(format!("That are too many filters. Choose {} at most.", limits::CONDITIONS_MAX)))
}

/// Checks the number of filters and their length in a URL.
///
/// # Errors
/// Fails with [`Error::Invalid`] for too many filters, or when they are too long together.
pub fn check(filters: &[Filter]) -> Result<()> {
    check_count(filters.len())?;
    if write(filters).len() <= limits::CONDITIONS_BYTES_MAX {
        return Ok(());
    }
    Err(refused("These filters are too long together. Take one away, or write less."))
}

/// Reads the filters among query parameters; other parameters are ignored.
///
/// # Errors
/// Fails with [`Error::Invalid`] for a malformed filter, and for too many filters.
pub fn from_params(parameters: &[(String, String)]) -> Result<Vec<Filter>> {
    let conditions = parameters.iter().map(|(name, value)| Filter::parse(name, value));
    let filters: Vec<Filter> = conditions.filter_map(Result::transpose).collect::<Result<_>>()?;
    check(&filters)?;
    Ok(filters)
}

/// Reads stored filters, written as query parameters. A parameter that is no filter is refused, since ignoring it would
/// let more visits match than intended.
///
/// # Errors
/// Fails with [`Error::Invalid`] for a text that is too long, a parameter that is no filter, and too many filters.
pub fn read(text: &str) -> Result<Vec<Filter>> {
    if text.len() > limits::SEGMENT_BYTES_MAX {
        return Err(refused("These filters are too long. Take some away."));
    }
    let conditions = form_urlencoded::parse(text.as_bytes()).map(|(name, value)| {
        Filter::parse(&name, &value)?.ok_or_else(|| {
            refused(format!("{name} is no filter. Write them as in an address, such as country=DE."))
        })
    });
    let filters: Vec<Filter> = conditions.collect::<Result<_>>()?;
    check_count(filters.len())?;
    Ok(filters)
}

/// Writes filters as query parameters.
pub fn write(filters: &[Filter]) -> String {
    let pairs = filters.iter().map(Filter::parameter);
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Returns the filters, narrowed to one value of a dimension.
pub fn narrowed_to(filters: &[Filter], dimension: &'static Dimension, value: &str) -> Vec<Filter> {
    let chooses =
        |one: &&Filter| one.dimension == dimension && matches!(one.operator, Operator::Is | Operator::OneOf);
    let others = filters.iter().filter(|one| !chooses(one)).cloned();
    others.chain([Filter { dimension, operator: Operator::Is, values: vec![value.to_owned()] }]).collect()
}

/// Returns the filters, with one value of a dimension excluded.
pub fn excluding(filters: &[Filter], dimension: &'static Dimension, value: &str) -> Vec<Filter> {
    let without = Filter { dimension, operator: Operator::IsNot, values: vec![value.to_owned()] };
    let others = filters.iter().filter(|one| **one != without).cloned();
    others.chain([without.clone()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use strum::IntoEnumIterator;

    fn dimension(filter: &str) -> &'static Dimension {
        catalogue::dimension_of_filter(filter).unwrap()
    }

    fn parse(name: &str, text: &str) -> Filter {
        Filter::parse(name, text).unwrap().unwrap()
    }

    fn sentence(result: Result<impl std::fmt::Debug>) -> String {
        result.unwrap_err().to_string()
    }

    proptest! {
        #[test]
        fn whatever_is_looked_for_comes_back_from_an_address_as_it_was(
            filter in prop::sample::select(vec!["country", "href", "city", "custom", "search", "browser-version"]),
            operator in prop::sample::select(Operator::iter().collect::<Vec<_>>()),
            values in prop::collection::vec(".{1,40}", 1..6),
        ) {
            let values = if operator == Operator::OneOf { values } else { values[..1].to_vec() };
            let filter = Filter::new(dimension(filter), operator, values).unwrap();
            let (name, text) = filter.parameter();
            prop_assert_eq!(&parse(&name, &text), &filter);
            prop_assert_eq!(read(&write(&[filter.clone(), filter.clone()])).unwrap(), vec![filter.clone(), filter]);
        }

        #[test]
        fn nothing_that_stands_in_an_address_is_more_than_refused(name in "[a-z.]{0,20}", text in ".{0,40}") {
            if let Ok(Some(filter)) = Filter::parse(&name, &text) {
                let (name, text) = filter.parameter();
                prop_assert_eq!(parse(&name, &text), filter);
            }
        }
    }

    #[test]
    fn an_address_is_read_as_people_read_it() {
        let is = parse("country", "DE");
        assert_eq!((is.operator, is.values), (Operator::Is, vec!["DE".to_owned()]));
        assert_eq!(parse("href.starts", "/blog/,x").values, ["/blog/,x"]);
        assert_eq!(parse("country.in", "DE,,AT").values, ["DE", "AT"]);
        assert_eq!(parse("city.in", r"Berlin\, DE,C:\\x").values, ["Berlin, DE", r"C:\x"]);
        assert_eq!(parse("country.not", "DE").parameter(), ("country.not".into(), "DE".into()));
        assert!(
            Filter::parse("country", "").unwrap().is_none() && Filter::parse("date", "x").unwrap().is_none()
        );
        assert!(Filter::parse("country.in", ",").unwrap().is_none());
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_a_sentence() {
        assert!(sentence(Filter::parse("country.like", "DE")).contains("country.contains"));
        assert!(sentence(Filter::parse("actions.contains", "4")).contains("can't be compared by a part"));
        assert!(sentence(Filter::parse("uid.starts", "4")).contains("Choose “is”"));
        for wrong in ["many", "-4", "6-4", "4-x", "1.5"] {
            assert!(sentence(Filter::parse("time", wrong)).contains("such as 4-6"), "{wrong}");
        }
        let many = vec!["DE"; limits::CONDITION_VALUES_MAX + 1].join(",");
        assert!(sentence(Filter::parse("country.in", &many)).contains("values at most"));
        let long = "x".repeat(limits::CONDITION_BYTES_MAX + 1);
        assert!(sentence(Filter::parse("href.contains", &long)).contains("too long"));
        let twenty_one = vec!["href=a"; limits::CONDITIONS_MAX + 1].join("&");
        assert!(sentence(read(&twenty_one)).contains("too many filters"));
        let value = "x".repeat(limits::CONDITION_BYTES_MAX);
        let pair = ("href".to_owned(), value);
        assert!(from_params(&vec![pair.clone(); 3]).is_ok());
        assert!(sentence(from_params(&vec![pair; 4])).contains("too long together"));
        let longest = ("href.contains".to_owned(), "\u{e4}".repeat(limits::CONDITION_BYTES_MAX / 2));
        assert!(from_params(&[longest]).is_ok());
        for wrong in ["nonsense=1", "country=", "country", "date=today", "country=DE&x=1"] {
            assert!(sentence(read(wrong)).contains("is no filter"), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_single_or_ranges() {
        assert_eq!(parse_range("4").unwrap(), (4, 4));
        assert_eq!(parse_range(" 4 - 6 ").unwrap(), (4, 6));
        assert_eq!(parse_range("21-").unwrap(), (21, u32::MAX));
    }

    #[test]
    fn a_form_takes_values_by_comma_with_blanks_around_them() {
        let typed = Filter::typed(dimension("country"), Operator::OneOf, " DE , Austria ,").unwrap();
        assert_eq!(typed.values, ["DE", "Austria"]);
        assert_eq!(
            Filter::typed(dimension("href"), Operator::Contains, " cakes ").unwrap().values,
            ["cakes"]
        );
        assert!(sentence(Filter::typed(dimension("href"), Operator::Is, "  ")).contains("Write what"));
    }

    #[test]
    fn a_row_narrows_to_itself_and_leaves_itself_out() {
        let country = dimension("country");
        let had = read("country=DE&country.not=FR&href.contains=x").unwrap();
        assert_eq!(write(&narrowed_to(&had, country, "AT")), "country.not=FR&href.contains=x&country=AT");
        let without = excluding(&had, country, "FR");
        assert_eq!(write(&without), "country=DE&href.contains=x&country.not=FR");
    }
}
