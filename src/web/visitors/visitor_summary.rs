//! A visitor in a list: name, country and place; and the source of the visit.

use crate::ingest::country_name;
use crate::model::channel::Channel;
use crate::reports::visits::details::Details;
use crate::reports::visits::visit::Visit;
use crate::reports::visits::visit_attributes::VisitAttributes;
use crate::store::visit_attribute::VisitAttribute;
use crate::web::ui::format::{self, UNKNOWN};
use crate::web::ui::icon;
use maud::{Markup, html};

/// A visitor in a list.
#[derive(Clone)]
pub struct VisitorSummary {
    /// The country as two letters.
    pub country: Option<String>,
    /// The place in words; `None` if it is hidden.
    pub place: Option<String>,
    /// The name that the page set, the shortened address, or the number of the visitor.
    pub name: String,
    /// True for the first visit of the visitor.
    pub is_new: bool,
}

impl VisitorSummary {
    /// Returns the visitor of a visit, with the details that the caller may see.
    pub fn from_visit(visit: &Visit, details: &Details) -> Self {
        let country = visit.attributes.text(VisitAttribute::Country);
        let places = [visit.attributes.text(VisitAttribute::City), country.map(country_name)];
        let places = places.into_iter().flatten().collect::<Vec<_>>();
        let address = visit.address.map(|address| address.to_string());
        let number = visit.number.map(|number| format!("Visitor {number}"));
        Self {
            country: country.map(str::to_owned),
            place: details
                .shows(VisitAttribute::Country)
                .then(|| if places.is_empty() { "Place unknown".into() } else { places.join(", ") }),
            name: visit.name.clone().or(address).or(number).unwrap_or_else(|| UNKNOWN.into()),
            is_new: visit.is_new,
        }
    }

    /// Renders flag, name and place.
    pub fn draw(&self) -> Markup {
        html! {
            span.who-line {
                @if let Some(country) = &self.country { (icon::flag(country)) }
                span.cut { (self.name) @if self.is_new { " " span.tag title="Never seen before, as far as that can be known" { "new" } } }
            }
            @if let Some(place) = &self.place { span.quiet.cut { (place) } }
        }
    }
}

/// The source of a visit in words.
#[derive(Clone)]
pub struct SourceSummary {
    /// The channel; `None` if it is hidden.
    pub channel: Option<Channel>,
    /// The words.
    pub text: String,
    /// The address of the referrer, if it is safe to open.
    pub link: Option<String>,
}

impl SourceSummary {
    /// Returns the source in words; `None` if all of it is unknown or hidden.
    pub fn from_attributes(attributes: &VisitAttributes) -> Option<Self> {
        let channel = attributes.channel;
        let text = |attribute| attributes.text(attribute);
        let name =
            text(VisitAttribute::Engine).or(text(VisitAttribute::LinkDomain)).or(channel.map(Channel::title));
        let words = match (text(VisitAttribute::Campaign), text(VisitAttribute::Terms), name) {
            (Some(campaign), ..) => format!("Campaign {campaign}"),
            (None, Some(terms), Some(name)) => format!("{name}: {terms}"),
            (None, Some(terms), None) => format!("Search: {terms}"),
            (None, None, name) => name?.to_owned(),
        };
        let link = text(VisitAttribute::Link).and_then(format::safe_link).map(str::to_owned);
        Some(Self { channel, text: words, link })
    }

    /// Renders icon and words.
    pub fn draw(&self) -> Markup {
        html! { span.with-icon title=[self.channel.map(Channel::title)] { @if let Some(channel) = self.channel { (icon::medium(channel)) } span.cut { (self.text) } } }
    }
}
