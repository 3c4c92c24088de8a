//! The order of a user's dashboard panels and which are shown: read from the stored text, and moved by one place.

/// The panels of a dashboard, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelOrder {
    /// The name of every panel, and true if it is shown.
    pub panels: Vec<(&'static str, bool)>,
}

impl PanelOrder {
    /// Reads the stored text: the names of the shown panels in their order; hidden panels follow. Without a stored
    /// text all panels are shown in the default order.
    pub fn read(all: &[&'static str], stored: Option<&str>) -> Self {
        let Some(stored) = stored else {
            return Self { panels: all.iter().map(|name| (*name, true)).collect() };
        };
        let mut shown: Vec<&'static str> = Vec::new();
        for name in stored.split_whitespace() {
            shown.extend(all.iter().find(|known| **known == name && !shown.contains(known)));
        }
        let hidden = all.iter().filter(|name| !shown.contains(name)).map(|name| (*name, false));
        Self { panels: shown.iter().map(|name| (*name, true)).chain(hidden).collect() }
    }

    /// Returns the shown panels, in their order.
    pub fn shown(&self) -> impl Iterator<Item = &'static str> {
        self.panels.iter().filter(|(_, is_shown)| *is_shown).map(|(name, _)| *name)
    }

    /// Returns the text to store; `None` if all panels are shown in the default order.
    pub fn stored(&self, all: &[&'static str]) -> Option<String> {
        let shown: Vec<_> = self.shown().collect();
        (shown != all).then(|| shown.join(" "))
    }

    /// Moves a panel by one place among all panels.
    pub fn move_by_one(&mut self, name: &str, is_up: bool) {
        let Some(index) = self.panels.iter().position(|(known, _)| *known == name) else { return };
        let other = if is_up { index.checked_sub(1) } else { Some(index + 1) };
        if let Some(other) = other.filter(|other| *other < self.panels.len()) {
            self.panels.swap(index, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 3] = ["pages", "sources", "places"];

    #[test]
    fn what_is_stored_orders_the_panels_and_hides_the_others() {
        let read = |stored| PanelOrder::read(&ALL, stored);
        assert_eq!(read(None).shown().collect::<Vec<_>>(), ALL);
        assert_eq!(
            read(Some("places pages places unknown")).shown().collect::<Vec<_>>(),
            ["places", "pages"]
        );
        assert_eq!(read(Some("")).shown().count(), 0);
        assert_eq!(read(Some("places")).panels, [("places", true), ("pages", false), ("sources", false)]);
    }

    #[test]
    fn a_panel_moves_by_one_place_and_stays_at_the_ends() {
        let mut panels = PanelOrder::read(&ALL, None);
        panels.move_by_one("places", true);
        assert_eq!(panels.stored(&ALL).as_deref(), Some("pages places sources"));
        panels.move_by_one("pages", true);
        panels.move_by_one("sources", false);
        panels.move_by_one("unknown", false);
        panels.move_by_one("places", false);
        assert_eq!(panels.stored(&ALL), None);
    }
}
