//! The names of a visit's attributes: in the list of visits as CSV, on the screen of a visit, and in the export of a
//! visitor's data.

use crate::store::visit_attribute::VisitAttribute;

/// The names of an attribute; `None` where it is left out, or part of another line.
#[derive(Clone, Copy, Debug)]
pub struct VisitField {
    /// The attribute.
    pub attribute: VisitAttribute,
    /// The column of the list of visits as CSV.
    pub column: Option<&'static str>,
    /// The name on the screen of a visit.
    pub title: Option<&'static str>,
    /// The key in the export of a visitor's data.
    pub key: Option<&'static str>,
}

const fn field(
    attribute: VisitAttribute,
    column: Option<&'static str>,
    title: Option<&'static str>,
    key: Option<&'static str>,
) -> VisitField {
    VisitField { attribute, column, title, key }
}

use VisitAttribute::{
    Browser, Campaign, CampaignContent, CampaignMedium, CampaignSource, CampaignTerm, Channel, City, Country,
    DeviceType, Engine, Exit, FirstCampaign, FirstChannel, FirstDomain, Hostname, Landing, Language,
    LastCampaign, LastChannel, LastDomain, Link, LinkDomain, Organization, Region, Screen, System, Terms,
};

/// The attributes with a value in words, in the order of files and screens.
#[rustfmt::skip]
pub const VISIT_FIELDS: &[VisitField] = &[
    field(Landing, Some("landing"), None, None),
    field(Exit, None, None, None),
    field(Channel, Some("source"), None, Some("came_by")),
    field(Link, Some("referrer"), None, Some("referrer")),
    field(LinkDomain, None, None, None),
    field(Terms, Some("search"), None, Some("search")),
    field(Engine, None, None, None),
    field(Campaign, Some("campaign"), Some("Campaign"), Some("campaign")),
    field(CampaignSource, None, Some("Campaign source"), Some("campaign_source")),
    field(CampaignMedium, None, Some("Campaign medium"), Some("campaign_medium")),
    field(CampaignTerm, None, Some("Campaign term"), Some("campaign_term")),
    field(CampaignContent, None, Some("Campaign content"), Some("campaign_content")),
    field(Browser, Some("browser"), Some("Browser"), Some("browser")),
    field(System, Some("system"), Some("System"), Some("system")),
    field(DeviceType, Some("hardware"), Some("Device"), Some("device")),
    field(Screen, Some("screen"), Some("Screen"), Some("screen")),
    field(Language, Some("language"), Some("Language"), Some("language")),
    field(Country, Some("country"), None, Some("country")),
    field(Region, Some("region"), Some("Region"), Some("region")),
    field(City, Some("city"), None, Some("city")),
    field(Organization, Some("organization"), Some("Network"), Some("organisation")),
    field(Hostname, Some("hostname"), Some("Host name"), Some("host_name")),
    field(FirstChannel, None, None, Some("first_source")),
    field(FirstDomain, None, None, Some("first_domain")),
    field(FirstCampaign, None, None, Some("first_campaign")),
    field(LastChannel, None, None, Some("last_source")),
    field(LastDomain, None, None, Some("last_domain")),
    field(LastCampaign, None, None, Some("last_campaign")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::visit_attribute::AttributeKind;

    #[test]
    fn every_attribute_in_words_stands_once_in_the_table() {
        let in_words = |attribute: &VisitAttribute| {
            matches!(attribute.kind(), AttributeKind::Page | AttributeKind::Text | AttributeKind::Code)
        };
        let listed: Vec<_> = VISIT_FIELDS.iter().map(|field| field.attribute).collect();
        assert_eq!(listed, VisitAttribute::all().filter(in_words).collect::<Vec<_>>());
    }
}
