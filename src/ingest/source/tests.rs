//! Sources of visits, from referrers and from links of real life.

use super::*;
use crate::model::clicks;
use crate::model::goal::MatchKind;
use crate::model::id::CampaignItemId;
use crate::store::campaigns::{CampaignRule, CampaignRuleKind};
use proptest::prelude::*;

fn source_of(referrer: &str, landing: &str) -> TrafficSource {
    source_on_site(referrer, landing, &SiteCampaigns::default())
}

fn source_on_site(referrer: &str, landing: &str, campaigns: &SiteCampaigns) -> TrafficSource {
    let landing = Url::parse(&format!("https://bakery.example{landing}")).unwrap();
    classify(&Beginning {
        referrer,
        landing: &landing,
        page: Some(landing.as_str()),
        owns_host: &|host| host.ends_with("bakery.example"),
        campaigns,
    })
}

/// The query of a landing page, and what is read of it: the campaign, its source, and the channel.
type Link = (&'static str, Option<&'static str>, Option<&'static str>, Channel);

const LINKS_FROM_REAL_LIFE: [Link; 24] = [
    // As Google Ads, Meta, Microsoft and LinkedIn write them.
    (
        "gad_source=1&gad_campaignid=21&gbraid=0AAA&utm_source=google&utm_medium=cpc&utm_campaign=brand&utm_id=21",
        Some("brand"),
        Some("google"),
        Channel::Advertising,
    ),
    (
        "utm_source=facebook&utm_medium=paid&utm_campaign=Spring+Sale&utm_id=1202&utm_content=A&fbclid=IwY2",
        Some("Spring Sale"),
        Some("facebook"),
        Channel::Advertising,
    ),
    (
        "utm_source=bing&utm_medium=cpc&utm_campaign=bread&msclkid=f1",
        Some("bread"),
        Some("bing"),
        Channel::Advertising,
    ),
    ("li_fat_id=0f-1", None, None, Channel::Advertising),
    ("gad_source=1", None, None, Channel::Advertising),
    // As Mailchimp and HubSpot do.
    (
        "utm_source=Newsletter&utm_campaign=ab12-EMAIL_CAMPAIGN_2026_11&utm_medium=email&utm_term=0_ab-12&mc_cid=1&mc_eid=2",
        Some("ab12-EMAIL_CAMPAIGN_2026_11"),
        Some("Newsletter"),
        Channel::Email,
    ),
    ("utm_medium=email&_hsmi=1&_hsenc=p2&utm_content=1&utm_source=hs_email", None, None, Channel::Email),
    // As Matomo does; older names too.
    (
        "mtm_campaign=Mailing&mtm_kwd=rye&mtm_source=letter&mtm_medium=email&mtm_cid=1&mtm_group=g",
        Some("Mailing"),
        Some("letter"),
        Channel::Email,
    ),
    ("pk_cpn=Adwords-CPC&pk_medium=cpc", Some("Adwords-CPC"), None, Channel::Advertising),
    // An id alone is no campaign, and a name alone is one.
    ("utm_id=21&utm_source=google", None, None, Channel::Search),
    ("utm_campaign=flyer", Some("flyer"), None, Channel::Advertising),
    // Letters of any case, empty values, repeated ones.
    (
        "UTM_Campaign=Spring&Utm_Source=Letter&uTm_medium=EMAIL",
        Some("Spring"),
        Some("Letter"),
        Channel::Email,
    ),
    ("utm_campaign=&utm_source=&utm_medium=", None, None, Channel::Direct),
    (
        "utm_campaign=&utm_campaign=Spring&utm_source=&utm_source=x",
        Some("Spring"),
        Some("x"),
        Channel::Advertising,
    ),
    (
        "utm_source=a&utm_source=b&utm_campaign=jvm%2346&utm_campaign=jvm%2346",
        Some("jvm#46"),
        Some("a"),
        Channel::Advertising,
    ),
    ("utm_campaign=%20%20&utm_source=partner", None, None, Channel::Link),
    // Escaped once, twice and three times.
    (
        "utm_campaign=Spring%20Sale%26More&utm_source=x",
        Some("Spring Sale&More"),
        Some("x"),
        Channel::Advertising,
    ),
    (
        "utm_campaign=no%2520code%2520founders&utm_source=x",
        Some("no code founders"),
        Some("x"),
        Channel::Advertising,
    ),
    (
        "utm_campaign=K%25252525C3%25252525A4se&utm_source=x",
        Some("K%25C3%25A4se"),
        Some("x"),
        Channel::Advertising,
    ),
    ("utm_campaign=K%2525C3%2525A4se&utm_source=x", Some("Käse"), Some("x"), Channel::Advertising),
    ("utm_campaign=50%25+off&utm_source=x", Some("50% off"), Some("x"), Channel::Advertising),
    ("utm_campaign=100%25ff&utm_source=x", Some("100%ff"), Some("x"), Channel::Advertising),
    (
        "utm_campaign=%7B%7Bcampaign.name%7D%7D&utm_source=x",
        Some("{{campaign.name}}"),
        Some("x"),
        Channel::Advertising,
    ),
    (
        "utm_campaign=%F0%9F%A5%90&utm_source=%E3%83%91%E3%83%B3",
        Some("🥐"),
        Some("パン"),
        Channel::Advertising,
    ),
];

#[test]
fn links_from_real_life_are_read_as_they_were_meant() {
    for (query, campaign, source, channel) in LINKS_FROM_REAL_LIFE {
        let found = source_of("", &format!("/?{query}"));
        let named = found.campaign.as_ref();
        let read = (named.map(|one| one.name.as_str()), named.and_then(|one| one.source.as_deref()));
        assert_eq!(read, (campaign, source), "{query}");
        assert_eq!(found.channel, channel, "{query}");
    }
}

fn own(parameters: &[(&str, CampaignPart)], rules: &[(&str, CampaignRuleKind, &str)]) -> SiteCampaigns {
    let rule = |(campaign, kind, pattern): &(&str, CampaignRuleKind, &str)| CampaignRule {
        id: CampaignItemId(1),
        campaign: (*campaign).to_owned(),
        kind: *kind,
        matching: MatchKind::Wildcard,
        pattern: (*pattern).to_owned(),
    };
    let parameters = parameters.iter().map(|(name, part)| ((*name).to_owned(), *part)).collect();
    SiteCampaigns::new(parameters, rules.iter().map(rule).collect())
}

#[test]
fn a_sites_own_parameters_are_read_like_those_of_utm_which_go_first() {
    use CampaignPart::{Campaign, Medium, Source, Term};
    let site = own(
        &[("Cmp", Campaign), ("aktion", Campaign), ("via", Source), ("how", Medium), ("wörter", Term)],
        &[],
    );
    let source = source_on_site("", "/?CMP=Spring%2520Sale&via=letter&how=email&W%C3%B6rter=rye", &site);
    let campaign = source.campaign.unwrap();
    assert_eq!((campaign.name.as_str(), campaign.source.as_deref()), ("Spring Sale", Some("letter")));
    assert_eq!((campaign.medium.as_deref(), campaign.term.as_deref()), (Some("email"), Some("rye")));
    assert_eq!((source.channel, source.terms.as_deref()), (Channel::Email, Some("rye")));
    let name = |query: &str| source_on_site("", query, &site).campaign.map(|campaign| campaign.name);
    assert_eq!(name("/?cmp=own&utm_campaign=utm").as_deref(), Some("utm"));
    assert_eq!(name("/?cmp=&aktion=second").as_deref(), Some("second"));
    assert_eq!(name("/?cmpx=1&xcmp=2"), None);
}

#[test]
fn a_sites_own_parameters_are_read_in_a_fragment_too_and_nothing_else_there() {
    let site = own(&[("cmp", CampaignPart::Campaign), ("wörter", CampaignPart::Term)], &[]);
    assert_eq!(
        site.with_own("a=1", "top&cmp=Spring&ref=x&W%C3%B6rter=rye"),
        "a=1&cmp=Spring&W%C3%B6rter=rye"
    );
    assert_eq!(site.with_own("", "CMP=Spring"), "CMP=Spring");
    assert_eq!(own(&[], &[]).with_own("a=1", "cmp=Spring"), "a=1");
}

#[test]
fn a_visit_without_a_campaign_belongs_to_the_first_own_one_that_it_begins_as() {
    use CampaignRuleKind::{Landing, Referrer};
    let site = own(
        &[],
        &[
            ("Flyer", Landing, "/flyer*"),
            ("Partner", Referrer, "www.Partner.example"),
            ("All", Landing, "/f*"),
        ],
    );
    for (referrer, landing, campaign, channel) in [
        ("", "/flyer/2026", Some("Flyer"), Channel::Advertising),
        ("", "/fruit", Some("All"), Channel::Advertising),
        ("", "/", None, Channel::Direct),
        ("https://www.google.com/", "/flyer", Some("Flyer"), Channel::Search),
        ("https://partner.example/x", "/", Some("Partner"), Channel::Link),
        ("https://shop.partner.example/x", "/", Some("Partner"), Channel::Link),
        ("https://notpartner.example/", "/", None, Channel::Link),
        ("https://partner.example/", "/flyer", Some("Flyer"), Channel::Link),
        ("", "/?ref=partner.example", Some("Partner"), Channel::Link),
        ("https://partner.example/", "/?utm_campaign=Spring", Some("Spring"), Channel::Advertising),
        ("", "/flyer?gclid=1", Some("Flyer"), Channel::Advertising),
        ("", "/flyer?utm_medium=email", Some("Flyer"), Channel::Email),
        // Who comes from the site itself goes on with what brought them there.
        ("https://www.bakery.example/", "/flyer", None, Channel::Internal),
    ] {
        let source = source_on_site(referrer, landing, &site);
        let name = source.campaign.as_ref().map(|one| one.name.as_str());
        assert_eq!((name, source.channel), (campaign, channel), "{referrer} {landing}");
    }
}

#[test]
fn a_referrer_says_how_they_came() {
    for (referrer, channel, name) in [
        ("", Channel::Direct, None),
        ("https://www.google.com/", Channel::Search, Some("Google")),
        ("https://www.google.de/search?q=bread", Channel::Search, Some("Google")),
        ("https://duckduckgo.com/", Channel::Search, Some("DuckDuckGo")),
        ("https://l.facebook.com/l.php", Channel::Social, Some("Facebook")),
        ("https://mail.google.com/mail/u/0/", Channel::Email, Some("Gmail")),
        ("https://chatgpt.com/", Channel::Assistant, Some("ChatGPT")),
        ("https://www.perplexity.ai/search/x", Channel::Assistant, Some("Perplexity")),
        ("https://kagi.com/", Channel::Search, Some("Kagi")),
        ("https://docs.google.com/document/d/1", Channel::Link, Some("Google Docs")),
        ("https://blog.example/post", Channel::Link, None),
        ("https://www.bakery.example/", Channel::Internal, None),
        ("android-app://com.google.android.gm/", Channel::Email, Some("Gmail")),
        ("https://www.paypal.com/", Channel::Direct, None),
        ("javascript:alert(1)", Channel::Direct, None),
        ("not an address", Channel::Direct, None),
        ("https://\"quoted\".example/", Channel::Direct, None),
    ] {
        let source = source_of(referrer, "/");
        assert_eq!((source.channel, source.name.as_deref()), (channel, name), "{referrer}");
    }
    assert_eq!(
        source_of("https://www.google.de/search?q=rye+bread", "/").terms.as_deref(),
        Some("rye bread")
    );
    let typed = source_of("https://user:secret@blog.example/post?a=1#part", "/");
    assert_eq!(typed.referrer.as_deref(), Some("https://blog.example/post?a=1"));
}

#[test]
fn a_campaign_is_one_only_with_its_name() {
    let full = source_of("", "/?utm_campaign=Spring&utm_source=newsletter&utm_medium=email&utm_term=rye");
    assert_eq!(full.channel, Channel::Email);
    let campaign = full.campaign.unwrap();
    assert_eq!((campaign.name.as_str(), campaign.source.as_deref()), ("Spring", Some("newsletter")));
    let source = source_of("", "/?utm_source=newsletter");
    assert_eq!((source.channel, source.campaign), (Channel::Email, None));
    assert_eq!(source.domain.as_deref(), Some("newsletter"));
}

#[test]
fn a_campaign_in_the_words_of_matomo_is_one() {
    for start in ["mtm_", "pk_"] {
        let source = source_of(
            "",
            &format!("/?{start}campaign=Spring&{start}source=letter&{start}medium=email&{start}kwd=rye"),
        );
        let campaign = source.campaign.unwrap();
        assert_eq!((campaign.name.as_str(), campaign.source.as_deref()), ("Spring", Some("letter")));
        assert_eq!((source.channel, source.terms.as_deref()), (Channel::Email, Some("rye")));
        assert!(clicks::tells_a_click(&format!("{start}campaign")));
        let capital = source_of("", &format!("/?{}Campaign=Spring", start.to_uppercase()));
        assert_eq!(capital.campaign.map(|campaign| campaign.name).as_deref(), Some("Spring"));
    }
}

#[test]
fn the_medium_of_a_campaign_decides_and_its_source_is_no_linking_domain() {
    for (query, channel) in [
        ("utm_source=facebook", Channel::Advertising),
        ("utm_source=facebook&utm_medium=social", Channel::Social),
        ("utm_source=fb&utm_medium=paid", Channel::Advertising),
        ("utm_source=ig&utm_medium=paid_social", Channel::Advertising),
        ("utm_source=facebook&utm_medium=organic", Channel::Social),
        ("utm_source=google&utm_medium=organic", Channel::Search),
        ("utm_source=google&utm_medium=CPC", Channel::Advertising),
        ("utm_source=google&utm_medium=smart-cpm", Channel::Advertising),
        ("utm_source=criteo&utm_medium=retargeting", Channel::Advertising),
        ("utm_source=letter&utm_medium=E-Mail", Channel::Email),
        ("utm_source=letter&utm_medium=email&gclid=1", Channel::Advertising),
        ("utm_source=partner&utm_medium=referral", Channel::Link),
        ("utm_source=chatgpt.com&utm_medium=referral", Channel::Assistant),
        ("utm_source=shop&utm_medium=qr-code", Channel::Advertising),
        ("utm_medium=email", Channel::Email),
    ] {
        let source = source_of("https://www.facebook.com/x", &format!("/?utm_campaign=Spring&{query}"));
        assert_eq!(source.channel, channel, "{query}");
        assert_eq!(source.domain.as_deref(), Some("facebook.com"), "{query}");
        assert_eq!(source_of("", &format!("/?utm_campaign=Spring&{query}")).domain, None, "{query}");
    }
    for id in PAID_CLICKS {
        assert_eq!(
            source_of("https://www.google.com/", &format!("/?{id}=x")).channel,
            Channel::Advertising,
            "{id}"
        );
    }
    assert!(PAID_CLICKS.iter().all(|id| clicks::tells_a_click(id)), "none of them is part of a page");
    assert_eq!(source_of("", "/?fbclid=x").channel, Channel::Direct);
}

/// Counts the services of a table, written from their own public addresses, that have their kind and name.
fn misses(table: &str, channel: Channel) -> (usize, Vec<String>) {
    let lines: Vec<&str> = table.lines().collect();
    let is_missed = |line: &&&str| {
        let (referrer, name) = line.split_once('\t').unwrap();
        let source = source_of(referrer, "/");
        source.channel != channel || source.name.is_none_or(|known| !known.eq_ignore_ascii_case(name))
    };
    (lines.len(), lines.iter().filter(is_missed).map(|line| (*line).to_owned()).collect())
}

#[test]
fn nine_in_ten_search_engines_networks_and_assistants_have_their_kind_and_name() {
    for (table, channel, least) in [
        (include_str!("../../../tests/fixtures/sources/search_engines.tsv"), Channel::Search, 60),
        (include_str!("../../../tests/fixtures/sources/networks.tsv"), Channel::Social, 60),
        (include_str!("../../../tests/fixtures/sources/assistants.tsv"), Channel::Assistant, 20),
    ] {
        let (count, misses) = misses(table, channel);
        assert!(count >= least && misses.len() * 10 <= count, "{count}: {misses:?}");
    }
}

#[test]
fn the_parameters_of_a_link_steer_the_source() {
    assert_eq!(source_of("https://www.google.com/", "/?gclid=x").channel, Channel::Advertising);
    assert_eq!(source_of("", "/?utm_source=x&utm_medium=social").channel, Channel::Social);
    assert_eq!(source_of("", "/?ref=facebook.com").name.as_deref(), Some("Facebook"));
    assert_eq!(source_of("", "/?utm_source=google").channel, Channel::Search);
    assert_eq!(source_of("", "/?utm_source=google&utm_medium=cpc").channel, Channel::Advertising);
    assert_eq!(source_of("", "/?utm_source=ChatGPT").channel, Channel::Assistant);
    assert_eq!(source_of("", "/?utm_source=shop&utm_term=rye+bread").terms.as_deref(), Some("rye bread"));
}

proptest! {
    #[test]
    fn any_referrer_and_query_are_told_without_control_characters(referrer in "\\PC{0,200}", query in "\\PC{0,200}") {
        let mut landing = Url::parse("https://bakery.example/").unwrap();
        landing.set_query(Some(&query));
        let campaigns = SiteCampaigns::default();
        let source = classify(&Beginning {
            referrer: &referrer, landing: &landing, page: None, owns_host: &|_| false, campaigns: &campaigns,
        });
        for text in [source.referrer, source.domain, source.name, source.terms].into_iter().flatten() {
            prop_assert!(!text.contains(char::is_control) && text.len() <= limits::URL_BYTES_MAX);
        }
    }
}
