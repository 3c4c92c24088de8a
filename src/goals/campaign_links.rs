//! The link builder: links to a site's pages with the parameters of a campaign.

use super::campaign_costs::campaign_name;
use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::ingest::clean_text;
use crate::limits;
use crate::model::id::CampaignItemId;
use crate::store::campaigns::{self, CampaignLink};
use crate::store::sites::Site;
use rusqlite::Transaction;
use url::Url;

/// The parts of a link, as typed; empty ones are left out.
#[derive(Clone, Debug, Default)]
pub struct LinkParts {
    /// The address of the page.
    pub page: String,
    /// The campaign.
    pub campaign: String,
    /// The source, such as a newsletter.
    pub source: String,
    /// The medium, such as email.
    pub medium: String,
    /// The term.
    pub term: String,
    /// The content, which tells links of one campaign apart.
    pub content: String,
}

/// Returns the link of its parts. Other parameters and the fragment of the page's address stay; parameters of an earlier
/// campaign give way.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the page is no address of a website, there is no campaign, a part is too long, or the
/// link is.
pub fn build(parts: &LinkParts) -> Result<String> {
    let campaign = campaign_name(&parts.campaign)?;
    let mut url = page(&parts.page)?;
    let mut parameters = vec![("utm_campaign", campaign)];
    for (name, field, text) in [
        ("utm_source", "source", &parts.source),
        ("utm_medium", "medium", &parts.medium),
        ("utm_term", "term", &parts.term),
        ("utm_content", "content", &parts.content),
    ] {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let clean = clean_text::clean(text, limits::CUSTOM_BYTES_MAX).filter(|clean| clean == text);
        let most = limits::CUSTOM_BYTES_MAX;
        let long = || Error::invalid(field, format!("Use {most} plain characters at most."));
        parameters.push((name, clean.ok_or_else(long)?));
    }
    set_parameters(&mut url, &parameters);
    if url.as_str().len() > limits::URL_BYTES_MAX {
        return Err(Error::invalid("page", "That link is too long. Shorten the address or a part."));
    }
    Ok(url.into())
}

fn page(typed: &str) -> Result<Url> {
    let typed = typed.trim();
    let text = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let found = Url::parse(&text).ok().filter(|url| {
        let is_web = matches!(url.scheme(), "http" | "https");
        is_web && url.host_str().is_some_and(|host| !host.is_empty()) && url.username().is_empty()
    });
    let wrong =
        || Error::invalid("page", "Enter the address of a page, such as https://bakery.example/spring.");
    found.filter(|_| !typed.is_empty()).ok_or_else(wrong)
}

/// Adds parameters in place of those of the same names; others keep their spelling.
fn set_parameters(url: &mut Url, parameters: &[(&str, String)]) {
    let is_replaced = |part: &&str| {
        let name = part.split('=').next().unwrap_or_default();
        parameters.iter().any(|(replaced, _)| *replaced == name)
    };
    let query = url.query().unwrap_or_default().to_owned();
    let kept = query.split('&').filter(|part| !part.is_empty() && !is_replaced(part));
    let kept = kept.collect::<Vec<_>>().join("&");
    url.set_query(Some(&kept).filter(|kept| !kept.is_empty()).map(String::as_str));
    url.query_pairs_mut().extend_pairs(parameters);
}

/// Makes a link and keeps it in the list.
///
/// # Errors
///
/// Fails as [`build`] does, and when the data file cannot be written.
pub fn make(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    parts: &LinkParts,
) -> Result<(CampaignItemId, String)> {
    let url = build(parts)?;
    let link = CampaignLink {
        id: CampaignItemId(0),
        url: url.clone(),
        campaign: campaign_name(&parts.campaign)?,
        author: actor.user.clone(),
        created_at: actor.at,
    };
    let id = campaigns::create_link(tx, site.id, &link)?;
    actor.record(tx, site.id, AuditAction::MakeCampaignLink, &url)?;
    Ok((id, url))
}

/// Removes a link from the list. It goes on working.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such link, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, site: &Site, id: CampaignItemId) -> Result<()> {
    let links = campaigns::list_links(tx, site.id)?;
    campaigns::delete_link(tx, site.id, id)?;
    let url = links.into_iter().find(|link| link.id == id).map(|link| link.url);
    actor.record(tx, site.id, AuditAction::RemoveCampaignLink, &url.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(page: &str) -> LinkParts {
        LinkParts { page: page.into(), campaign: "Spring & sale".into(), ..LinkParts::default() }
    }

    #[test]
    fn a_link_keeps_the_parameters_and_the_fragment_of_its_page() {
        for (page, link) in [
            ("https://bakery.example", "https://bakery.example/?utm_campaign=Spring+%26+sale"),
            (
                "https://bakery.example/buns?size=2&a=%C3%A4#menu",
                "https://bakery.example/buns?size=2&a=%C3%A4&utm_campaign=Spring+%26+sale#menu",
            ),
            (
                "bakery.example/buns?utm_campaign=old&x=1",
                "https://bakery.example/buns?x=1&utm_campaign=Spring+%26+sale",
            ),
        ] {
            assert_eq!(build(&parts(page)).unwrap(), link);
        }
        let all = LinkParts { source: "news".into(), content: " top ".into(), ..parts("https://a.example/") };
        assert_eq!(
            build(&all).unwrap(),
            "https://a.example/?utm_campaign=Spring+%26+sale&utm_source=news&utm_content=top"
        );
    }

    #[test]
    fn what_is_no_page_and_a_link_without_a_campaign_are_refused() {
        for wrong in
            ["", " ", "https://", "ftp://a.example/", "javascript:alert(1)", "https://ada@a.example/"]
        {
            assert!(build(&parts(wrong)).is_err(), "{wrong}");
        }
        let without = LinkParts { campaign: " ".into(), ..parts("https://a.example/") };
        assert!(build(&without).unwrap_err().to_string().contains("name of the campaign"));
        let long = format!("https://a.example/{}", "a".repeat(limits::URL_BYTES_MAX));
        assert!(build(&parts(&long)).unwrap_err().to_string().contains("too long"));
    }
}
