//! Descriptions of the levels and capabilities for people, derived from the table that decides.

use super::capability::Capability;
use super::policy::{Audience, Caller, Decision, verdict};

/// The capabilities that describe a level, most important first.
const ASKED: [(Capability, &str); 15] = [
    (Capability::OpenReport, "see reports"),
    (Capability::SeeLiveVisitorList, "watch visitors live"),
    (Capability::OpenVisit, "look into single visits"),
    (Capability::SeeRevenue, "see revenue"),
    (Capability::ExportCsv, "export files"),
    (Capability::SeeHeatmaps, "see heatmaps"),
    (Capability::ManageGoals, "set up goals, funnels and campaigns"),
    (Capability::Annotate, "annotate visitors and dates"),
    (Capability::SetOwnAlerts, "set alerts and e-mail reports for themselves"),
    (Capability::ChangeSiteSettings, "change settings"),
    (Capability::ManagePeople, "add and remove people"),
    (Capability::SetSiteAlerts, "set alerts for everyone"),
    (Capability::SeeSiteKey, "see the site key for the API"),
    (Capability::TransferSite, "give the site away"),
    (Capability::DeleteSite, "delete the site"),
];

/// The capabilities that no feature of this version needs yet. Texts do not name them.
const LATER: [Capability; 2] = [Capability::ReplayVisit, Capability::SeeMetrics];

/// Returns true if a feature of this version needs a capability.
pub fn is_there(capability: Capability) -> bool {
    !LATER.contains(&capability)
}

/// All kinds of caller, each with its label and description, in the order of the table.
pub const CALLERS: [(Caller, &str, &str); 9] = [
    (Caller::Owner, "Owner", "whoever the site belongs to, or the parent account that acts for them"),
    (Caller::Administrator, "Administrator", "somebody with whom the site is shared at this level"),
    (Caller::User, "User", "somebody with whom the site is shared at this level"),
    (Caller::ViewOnly, "View Only", "somebody with whom the site is shared at this level"),
    (Caller::Guest, "Guest link", "whoever has the address of a guest link, and its password if it has one"),
    (Caller::Stranger, "Others", "somebody with an account here, with whom the site is not shared"),
    (Caller::Anonymous, "Signed out", "anybody else"),
    (Caller::Key, "Site key", "a program that has the site key"),
    (
        Caller::Token,
        "Token",
        "a program that reads with the personal token of somebody who has more than View Only; a token that may write counts as a site key where its person is owner or Administrator",
    ),
];

/// Returns the label of a cell of the table.
pub fn word(verdict: Decision) -> &'static str {
    match verdict {
        Decision::Allowed => "yes",
        Decision::Chosen => "chosen",
        Decision::Own => "own",
        Decision::Flagged => "switched on",
        Decision::Forbidden => "no",
        Decision::Hidden => "hidden",
    }
}

/// The meaning of each cell label.
pub const MEANINGS: [(Decision, &str); 6] = [
    (Decision::Allowed, "they can."),
    (Decision::Chosen, "what the site's View Only settings, or the settings of the guest link, choose."),
    (Decision::Own, "what they made themselves, on what they may see."),
    (Decision::Flagged, "where the owner switched it on for that Administrator."),
    (Decision::Forbidden, "they can't."),
    (Decision::Hidden, "they can't, and are answered as if there were no such site."),
];

/// Returns the label of the callers of a capability that belongs to no single site.
pub fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "everybody",
        Audience::SignedIn => "anybody with an account",
        Audience::Operator => "whoever runs the server",
    }
}

/// Returns the label of a capability: its row name with commas restored (cells of the file have none) and a
/// capital first letter.
pub fn line(capability: Capability) -> String {
    let row = match capability {
        Capability::SeeVisitorData => "see addresses, names and custom data of visitors",
        Capability::ManageGoals => "create, edit, delete goals, funnels and split tests",
        Capability::ManagePeople => "add, change, remove people",
        Capability::ManageGuestLinks => "make, change, disable guest links",
        // Recordings are a later feature.
        Capability::ChooseRecordedPages => "choose which pages heatmaps cover",
        Capability::OpenPublicPages => "open help, licences and sign-in",
        capability => capability.row(),
    };
    let mut letters = row.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns the levels that may use a capability on a site, such as `the owner and Administrators`.
pub fn who_may(capability: Capability) -> String {
    let groups = [
        (Caller::Owner, "the owner"),
        (Caller::Administrator, "Administrators"),
        (Caller::User, "Users"),
        (Caller::ViewOnly, "View Only people"),
    ];
    let may = groups.into_iter().filter(|(caller, _)| verdict(*caller, capability) == Decision::Allowed);
    joined(&may.map(|(_, words)| words).collect::<Vec<_>>(), " and ")
}

/// Returns one to four sentences on what a kind of caller can do with a site.
pub fn sentence(caller: Caller) -> String {
    let choice = match caller {
        Caller::Guest => ", as far as the link's settings show it",
        _ => ", as far as the site's View Only settings show it",
    };
    let those = |wanted: Decision| -> Vec<&str> {
        ASKED
            .iter()
            .filter(|(capability, _)| verdict(caller, *capability) == wanted)
            .map(|(_, words)| *words)
            .collect()
    };
    let parts = [
        ("Can ", those(Decision::Allowed), " and ", ""),
        ("Can ", those(Decision::Chosen), " and ", choice),
        ("Can ", those(Decision::Own), " and ", ""),
        ("Cannot ", those(Decision::Forbidden), " or ", ""),
    ];
    let sentences = parts.into_iter().filter(|(_, words, ..)| !words.is_empty());
    sentences
        .map(|(start, words, last, end)| format!("{start}{}{end}.", joined(&words, last)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Joins words such as `a, b and c`.
fn joined(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{}{last}{end}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_said_in_words_as_the_table_has_it() {
        let user = sentence(Caller::User);
        assert!(user.starts_with(
            "Can see reports, watch visitors live, look into single visits, see revenue, export files and see heatmaps."
        ));
        assert!(
            user.contains(
                "Cannot set up goals, funnels and campaigns, annotate visitors and dates, change settings"
            ) && user.contains("or delete the site."),
            "{user}"
        );
        let view_only = sentence(Caller::ViewOnly);
        assert!(
            view_only.contains(
                "settings show it. Can set alerts and e-mail reports for themselves. Cannot export files, see heatmaps"
            ),
            "{view_only}"
        );
        assert!(sentence(Caller::Administrator).ends_with("Cannot give the site away or delete the site."));
        assert!(sentence(Caller::Guest).contains("as far as the link's settings show it."));
    }

    #[test]
    fn who_may_do_something_is_said_as_the_table_has_it() {
        assert_eq!(who_may(Capability::ManagePeople), "the owner and Administrators");
        assert_eq!(who_may(Capability::DeleteSite), "the owner");
        assert_eq!(who_may(Capability::LeaveSite), "Administrators, Users and View Only people");
    }

    #[test]
    fn callers_and_lines_are_those_of_the_table() {
        for (place, (caller, ..)) in CALLERS.into_iter().enumerate() {
            assert_eq!(caller as usize, place);
        }
        for capability in Capability::ALL {
            let line = line(*capability).replace(',', "");
            // Recordings are a later feature.
            let row = capability.row().replace(" and recordings", "");
            assert!(line.eq_ignore_ascii_case(&row), "{line}");
        }
    }
}
