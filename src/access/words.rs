//! What a level can and cannot do, in words, from the table that decides.

use super::capability::Capability;
use super::table::{Caller, Verdict, verdict};

/// What people ask about a level first, in the order of interest.
const ASKED: [(Capability, &str); 10] = [
    (Capability::OpenReport, "see reports"),
    (Capability::SeeLiveVisitorList, "watch visitors live"),
    (Capability::OpenVisit, "look into single visits"),
    (Capability::ExportCsv, "export files"),
    (Capability::ManageGoals, "change goals"),
    (Capability::ChangeSiteSettings, "change settings"),
    (Capability::ManagePeople, "add and remove people"),
    (Capability::SeeSiteKey, "see the site key"),
    (Capability::TransferSite, "give the site away"),
    (Capability::DeleteSite, "delete the site"),
];

/// One or two sentences on what a kind of caller can do with a site.
pub fn sentence(caller: Caller) -> String {
    let those = |wanted: Verdict| -> Vec<&str> {
        ASKED
            .iter()
            .filter(|(capability, _)| verdict(caller, *capability) == wanted)
            .map(|(_, words)| *words)
            .collect()
    };
    let parts = [
        ("Can ", those(Verdict::Allowed), " and ", ""),
        ("Can ", those(Verdict::Chosen), " and ", ", as far as the site's View Only settings show it"),
        ("Cannot ", those(Verdict::Forbidden), " or ", ""),
    ];
    let sentences = parts.into_iter().filter(|(_, words, ..)| !words.is_empty());
    sentences
        .map(|(start, words, last, end)| format!("{start}{}{end}.", joined(&words, last)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// `a, b and c`
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
        assert!(
            user.starts_with(
                "Can see reports, watch visitors live, look into single visits and export files."
            )
        );
        assert!(user.contains("Cannot change goals") && user.contains("or delete the site."), "{user}");
        let view_only = sentence(Caller::ViewOnly);
        assert!(view_only.contains("settings show it. Cannot export files"), "{view_only}");
        assert!(sentence(Caller::Administrator).ends_with("Cannot give the site away or delete the site."));
    }
}
