//! The sections of the campaigns' screen.

use super::forms::ParametersForm;
use super::view::{CampaignsView, Section};
use crate::error::Problem;
use crate::limits;
use crate::store::campaigns::CampaignRuleKind;
use crate::web::settings::Tabs;
use crate::web::ui::field;
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};

/// The list of known campaigns, which the page holds once.
const KNOWN: &str = "campaigns-known";
/// The mediums that are suggested.
const MEDIUMS: [&str; 6] = ["email", "cpc", "social", "print", "banner", "affiliate"];

/// A text field of a form: its id, name, label and value, the list of suggestions, and a sentence of help.
struct TextField<'a> {
    id: &'a str,
    name: &'a str,
    label: &'a str,
    value: &'a str,
    list: Option<&'a str>,
    help: &'a str,
}

impl TextField<'_> {
    fn draw(&self, problems: &[Problem]) -> Markup {
        let sentence = field::problem(problems, self.name);
        html! {
            div.field {
                label for=(self.id) { (self.label) }
                input id=(self.id) name=(self.name) type="text" value=(self.value) list=[self.list] autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| format!("{}-problem", self.id))];
                @if !self.help.is_empty() { p.help { (self.help) } }
                @if let Some(sentence) = sentence { p.problem id={ (self.id) "-problem" } role="alert" { (sentence) } }
            }
        }
    }
}

fn path(view: &CampaignsView) -> String {
    Tabs::path(view.site.id, "campaigns")
}

/// Returns the problems of a section whose field is none of these.
fn others<'a>(problems: &'a [Problem], fields: &'a [&str]) -> impl Iterator<Item = &'a Problem> {
    problems.iter().filter(|problem| !fields.contains(&problem.field.as_ref()))
}

/// Renders the link builder, and the links that were made.
pub fn links(view: &CampaignsView) -> Markup {
    let (form, problems) = (&view.forms.link, view.forms.problems(Section::Links));
    let page =
        if form.page.is_empty() { format!("https://{}/", view.site.domain) } else { form.page.clone() };
    let text = |name: &'static str, label, value, list, help| {
        TextField { id: &format!("link-{name}"), name, label, value, list, help }.draw(problems)
    };
    html! {
        section id="links" {
            h2 { "Link builder" }
            form.settings method="post" action={ (path(view)) "/links#links" } {
                (text("page", "Page", page.as_str(), None, "Where the link leads."))
                (text("campaign", "Campaign", form.campaign.as_str(), Some(KNOWN), "Such as Summer sale."))
                div.field-pair {
                    (text("source", "Source (optional)", form.source.as_str(), None, "Such as newsletter or instagram."))
                    (text("medium", "Medium (optional)", form.medium.as_str(), Some("mediums"), "Decides the channel: email, cpc, social …"))
                    (text("content", "Content (optional)", form.content.as_str(), None, "To tell two links of one campaign apart."))
                    (text("term", "Term (optional)", form.term.as_str(), None, "The keyword of a search ad."))
                }
                datalist id="mediums" { @for medium in MEDIUMS { option value=(medium) {} } }
                @for problem in others(problems, &["page", "campaign", "source", "medium", "content", "term"]) { p.problem role="alert" { (problem.sentence) } }
                button.primary type="submit" { "Make link" }
            }
            @if !view.links.is_empty() {
                ul.plain.rows.links { @for link in &view.links { (link_row(view, link)) } }
                @if view.links.len() >= limits::CAMPAIGN_LINKS_PER_SITE_MAX { p.quiet { "The list keeps the latest " (limits::CAMPAIGN_LINKS_PER_SITE_MAX) " links." } }
            }
        }
    }
}

fn link_row(view: &CampaignsView, link: &crate::store::campaigns::CampaignLink) -> Markup {
    let id = format!("made-link-{}", link.id);
    html! {
        li {
            div {
                b { (link.campaign) } " "
                span.quiet { (format::moment(&view.site.zone, link.created_at, Moment::Short)) @if let Some(author) = &link.author { " · " (author) } }
                br; code id=(id) { (link.url) }
            }
            div.buttons {
                button.small type="button" data-copy=(id) hidden { "Copy" }
                form method="post" action={ (path(view)) "/links/" (link.id) "/remove" } { button.small type="submit" { "Remove" span.hidden { " the link for " (link.campaign) } } }
            }
        }
    }
}

/// Renders the form for costs, and the costs.
pub fn costs(view: &CampaignsView) -> Markup {
    let (form, problems) = (&view.forms.cost, view.forms.problems(Section::Costs));
    let today = view.today.to_string();
    let day = |name: &'static str, label: &'static str, value: &str| {
        let sentence = field::problem(problems, name);
        let value = if value.is_empty() && name == "from" { today.as_str() } else { value };
        html! {
            div.field {
                label for={ "cost-" (name) } { (label) }
                input id={ "cost-" (name) } name=(name) type="date" value=(value) aria-invalid=[sentence.map(|_| "true")];
                @if let Some(sentence) = sentence { p.problem role="alert" { (sentence) } }
            }
        }
    };
    let amount = format!("Cost in {}", view.site.currency);
    html! {
        section id="costs" {
            h2 { "Costs" }
            p.quiet { "What a campaign costs, so that reports can show the cost per conversion and the return." }
            form.settings method="post" action={ (path(view)) "/costs#costs" } {
                (TextField { id: "cost-campaign", name: "campaign", label: "Campaign", value: &form.campaign, list: Some(KNOWN), help: "" }.draw(problems))
                div.field-pair {
                    (day("from", "From", &form.from))
                    (day("to", "To (optional)", &form.to))
                    (TextField { id: "cost-cost", name: "cost", label: &amount, value: &form.cost, list: None, help: "0 removes the cost of these days." }.draw(problems))
                    div.field {
                        label for="cost-per" { "The cost is" }
                        select id="cost-per" name="per" {
                            option value="day" selected[form.per != "total"] { "for each day" }
                            option value="total" selected[form.per == "total"] { "for all these days together" }
                        }
                    }
                }
                @for problem in others(problems, &["campaign", "from", "to", "cost"]) { p.problem role="alert" { (problem.sentence) } }
                button type="submit" { "Save cost" }
            }
            @if !view.costs.is_empty() { (cost_table(view)) }
        }
    }
}

fn cost_table(view: &CampaignsView) -> Markup {
    let currency = view.site.currency;
    html! {
        table.list.costs {
            thead { tr { th scope="col" { "Campaign" } th scope="col" { "Days" } th.number.wide scope="col" { "Per day" } th.number scope="col" { "Total, " (currency) } } }
            tbody {
                @for row in &view.costs {
                    tr {
                        td { span.cut-any { (row.campaign) } }
                        td { (format::days(row.days)) }
                        td.number.wide { @match row.per_day { Some(cost) => (format::amount(currency, cost)), None => span.quiet { "differs" } } }
                        td.number { (format::amount(currency, row.total)) }
                    }
                }
            }
        }
    }
}

/// Renders own campaigns.
pub fn rules(view: &CampaignsView) -> Markup {
    let (form, problems) = (&view.forms.rule, view.forms.problems(Section::Rules));
    let kinds = [("landing", "Their first page"), ("referrer", "The site they come from")];
    let matches = [
        ("exact", "is exactly"),
        ("starts", "starts with"),
        ("wildcard", "matches, with * for anything"),
        ("regex", "matches the regular expression"),
    ];
    let kind = if form.kind.is_empty() { "landing" } else { &form.kind };
    html! {
        section id="rules" {
            h2 { "Campaigns without tagged links" }
            p.quiet { "For flyers with their own address, or partners who link to you. Visits with " code { "utm_campaign" } " keep that campaign." }
            @if !view.rules.is_empty() {
                ul.plain.rows {
                    @for rule in &view.rules {
                        li {
                            div { b { (rule.campaign) } br; span.quiet { (described(rule)) } }
                            form method="post" action={ (path(view)) "/rules/" (rule.id) "/remove" } { button.small type="submit" { "Remove" span.hidden { " the rule for " (rule.campaign) } } }
                        }
                    }
                }
            }
            form.settings method="post" action={ (path(view)) "/rules#rules" } {
                (TextField { id: "rule-campaign", name: "campaign", label: "Campaign", value: &form.campaign, list: Some(KNOWN), help: "" }.draw(problems))
                div.field-pair {
                    (field::select("kind", "Visits belong to it by", kinds, kind, problems))
                    (field::select("match", "Comparison, for pages", matches, &form.matching, problems))
                }
                (TextField { id: "rule-pattern", name: "pattern", label: "Page or site", value: &form.pattern, list: None, help: "A path such as /flyer, or a domain such as partner.example." }.draw(problems))
                @for problem in others(problems, &["campaign", "kind", "match", "pattern"]) { p.problem role="alert" { (problem.sentence) } }
                button type="submit" { "Add campaign" }
            }
        }
    }
}

fn described(rule: &crate::store::campaigns::CampaignRule) -> Markup {
    use crate::model::goal::MatchKind;
    let how = match rule.matching {
        MatchKind::Exact => "is",
        MatchKind::Starts => "starts with",
        MatchKind::Wildcard => "matches",
        MatchKind::Regex => "matches the expression",
    };
    html! {
        @match rule.kind {
            CampaignRuleKind::Landing => { "The first page " (how) " " code { (rule.pattern) } },
            CampaignRuleKind::Referrer => { "They come from " code { (rule.pattern) } },
        }
    }
}

/// Renders the further names of campaign parameters.
pub fn parameters(view: &CampaignsView) -> Markup {
    let stored = ParametersForm::from_stored(&view.parameters);
    let (form, problems) =
        (view.forms.parameters.as_ref().unwrap_or(&stored), view.forms.problems(Section::Parameters));
    let names: Vec<String> = form.parameters().into_iter().map(|(name, _)| name).collect();
    html! {
        section id="parameters" {
            h2 { "Campaign parameters" }
            p.quiet { "Do your links use other parameters than " code { "utm_…" } "? Add them here, several separated by commas. Reports leave them out of page addresses." }
            form.settings method="post" action={ (path(view)) "/parameters#parameters" } {
                @for problem in problems { p.problem role="alert" { (problem.sentence) } }
                div.field-pair {
                    @for (name, label, example, value, _) in form.fields() {
                        (TextField { id: &format!("parameter-{name}"), name, label, value, list: None, help: &format!("Such as {example}.") }.draw(&[]))
                    }
                }
                button type="submit" { "Save parameters" }
            }
            @if let Some(name) = names.first() {
                (field::copyable("A link with it", "parameter-code", &format!("https://{}/?{name}=Summer%20sale", view.site.domain)))
            }
        }
    }
}
