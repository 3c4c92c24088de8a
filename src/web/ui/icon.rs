//! The icons of this program: lines on a grid of 16, in the colour of the surrounding text, hidden from screen
//! readers.

use crate::ingest::hit::ActionKind;
use crate::model::channel::Channel;
use crate::model::device_type::DeviceType;
use maud::{Markup, html};

const CHEVRON_DOWN: &str = "M4 6.5 8 10.5 12 6.5";
const CHEVRON_LEFT: &str = "M9.5 4 5.5 8 9.5 12";
const CHEVRON_RIGHT: &str = "M6.5 4 10.5 8 6.5 12";
const ARROW_IN: &str = "M9.5 2.5h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-3M2.5 8h7M6.5 5l3 3-3 3";
const FLAG: &str = "M4 14V2.5M4 3h8l-2 2.8L12 8.5H4";
const ROCKET: &str = "M8 2v9M4.5 5.5 8 2l3.5 3.5M3 13.5h10";
const BELL: &str = "M8 2.2a4 4 0 0 1 4 4v3l1.3 2.3H2.7L4 9.2v-3a4 4 0 0 1 4-4ZM6.6 13.6h2.8";
const BEAM: &str = "M8 8 12.2 3.8M13.5 8A5.5 5.5 0 1 1 8 2.5M10.6 8A2.6 2.6 0 1 1 8 5.4";
const BOLT: &str = "M8.8 1.8 3.5 9H8l-.8 5.2L12.5 7H8Z";
const CHAIN: &str = "M6.7 9.3a2.7 2.7 0 0 0 3.8 0l2.2-2.2a2.7 2.7 0 0 0-3.8-3.8l-.8.8M9.3 6.7a2.7 2.7 0 0 0-3.8 0L3.3 8.9a2.7 2.7 0 0 0 3.8 3.8l.8-.8";
const DOWNLOAD: &str = "M8 2.5v7.5M5 7.2l3 3 3-3M2.5 11.5v2h11v-2";
const ENVELOPE: &str = "M2 3.5h12v9H2ZM2 4.5 8 9l6-4.5";
const FEED: &str = "M3 3a10 10 0 0 1 10 10M3 7a6 6 0 0 1 6 6M3.6 12.4h.01";
const GEAR: &str = "M8 5.7a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6ZM8 1.8v1.7M8 12.5v1.7M1.8 8h1.7M12.5 8h1.7M3.6 3.6l1.2 1.2M11.2 11.2l1.2 1.2M12.4 3.6l-1.2 1.2M4.8 11.2l-1.2 1.2";
const TARGET: &str = "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 5a3 3 0 1 1 0 6A3 3 0 0 1 8 5ZM8 7.9h.01";
const GLOBE: &str =
    "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM2 8h12M8 2c3.6 3.6 3.6 8.4 0 12C4.4 10.4 4.4 5.6 8 2Z";
const HOUSE: &str = "M2.5 7.5 8 2.5l5.5 5V13.5h-11Z";
const MAGNIFIER: &str = "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.3 10.3l3.4 3.4";
const MEGAPHONE: &str = "M3 6.5h2.5l6-3.5v10l-6-3.5H3ZM5.5 9.8v3.4M13.5 6.8v2.4";
const MONITOR: &str = "M2 3h12v8H2ZM6 13.5h4M8 11v2.5";
const OUTBOUND: &str = "M6 3.5H3v9.5h9.5V10M8.5 2.5h5v5M13.5 2.5 7.5 8.5";
const PAGE: &str = "M4 1.8h5l3 3v9.4H4ZM9 1.8v3h3M6 8h4M6 10.8h4";
const PEOPLE: &str = "M6 3a2.4 2.4 0 1 1 0 4.8A2.4 2.4 0 0 1 6 3ZM1.8 13.2c.3-2.5 2-3.9 4.2-3.9s3.9 1.4 4.2 3.9M10.4 3.3a2.2 2.2 0 0 1 .3 4.2M11.6 9.6c1.5.5 2.4 1.8 2.6 3.6";
const PERSON: &str =
    "M8 2.5a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6ZM2.8 13.6c.4-2.9 2.5-4.3 5.2-4.3s4.8 1.4 5.2 4.3";
const PHONE: &str = "M4.5 1.8h7v12.4h-7ZM7.2 12h1.6";
const PLAY: &str = "M5 3 12.5 8 5 13Z";
const PULSE: &str = "M1.5 8.5h3l2-5 3 9 2-4h3";
const SHARE_NET: &str = "M12 2.3a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4ZM4 6.3a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4ZM12 10.3a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4ZM5.5 7.2l5-2.4M5.5 8.8l5 2.4";
const SPARKLE: &str =
    "M7 2.5c.5 3.3 1.7 4.5 5 5-3.3.5-4.5 1.7-5 5-.5-3.3-1.7-4.5-5-5 3.3-.5 4.5-1.7 5-5ZM12.5 10.5v3M11 12h3";
const TABLET: &str = "M3 1.8h10v12.4H3ZM7 12h2";
const TELEVISION: &str = "M1.8 3.5h12.4v7.8H1.8ZM5 13.5h6";

fn drawn(path: &str) -> Markup {
    html! {
        svg.icon viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.4"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" {
            path d=(path);
        }
    }
}

macro_rules! icons {
    ($($(#[$meaning:meta])* $name:ident = $path:ident;)*) => {
        $($(#[$meaning])* pub fn $name() -> Markup { drawn($path) })*
    };
}

icons! {
    /// Renders the icon of alerts.
    bell = BELL;
    /// Renders the icon of an annotation.
    annotation = FLAG;
    /// Renders the icon of a deployment.
    deploy = ROCKET;
    /// Renders the icon that opens a menu.
    down = CHEVRON_DOWN;
    /// Renders the icon of an earlier range.
    left = CHEVRON_LEFT;
    /// Renders the icon of a later range.
    right = CHEVRON_RIGHT;
    /// Renders the icon of the preferences.
    gear = GEAR;
    /// Renders the icon of visitors.
    people = PEOPLE;
    /// Renders the icon of the account.
    person = PERSON;
    /// Renders the icon of Spy.
    spy = BEAM;
}

const BARS: &str = "M2.5 13.5h11M4.5 11V8M8 11V4M11.5 11V6.5";
const BOXES: &str = "M2.5 2.5h4.5v5H2.5ZM9 2.5h4.5v3H9ZM9 7.5h4.5v6H9ZM2.5 9.5H7v4H2.5Z";
const LINES: &str = "M3 4h10M3 8h10M3 12h10";

icons! {
    /// Renders the icon of the dashboard.
    dashboard = BOXES;
    /// Renders the icon of traffic.
    chart = BARS;
    /// Renders the icon of content.
    content = PAGE;
    /// Renders the icon of sources.
    sources = CHAIN;
    /// Renders the icon of campaigns.
    campaigns = MEGAPHONE;
    /// Renders the icon of goals.
    goals = TARGET;
    /// Renders the icon of the audience.
    audience = GLOBE;
    /// Renders the icon of heatmaps.
    heatmaps = POINTER;
    /// Renders the icon of uptime.
    uptime = PULSE;
    /// Renders the icon of all reports, and of a folded list.
    list = LINES;
    /// Renders the icon that removes or closes something.
    close = CROSS;
    /// Renders the icon that adds something.
    plus = PLUS;
    /// Renders the icon of a row's menu.
    dots = DOTS;
    /// Renders the icon that excludes a value.
    without = BARRED;
    /// Renders the icon of a download.
    download = DOWNLOAD;
}

/// A point with rings, as clicks on a page.
const POINTER: &str = "M6 6l2.9 7.6 1.5-3.2 3.2-1.5ZM3 3l1.3 1.3M6.6 1.8v1.8M1.8 6.6h1.8";
const PLUS: &str = "M8 3.5v9M3.5 8h9";
const DOTS: &str = "M3.5 8h.01M8 8h.01M12.5 8h.01";
const BARRED: &str = "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11ZM4.2 4.2l7.6 7.6";
const CROSS: &str = "M4 4l8 8M12 4l-8 8";

/// Renders the icon of an action.
pub fn action(kind: ActionKind) -> Markup {
    drawn(match kind {
        ActionKind::PageView => PAGE,
        ActionKind::Download => DOWNLOAD,
        ActionKind::Outbound => OUTBOUND,
        ActionKind::Event => BOLT,
        ActionKind::Media => PLAY,
    })
}

/// Renders the icon of a channel.
pub fn medium(medium: Channel) -> Markup {
    drawn(match medium {
        Channel::Direct => ARROW_IN,
        Channel::Search => MAGNIFIER,
        Channel::Link => CHAIN,
        Channel::Social => SHARE_NET,
        Channel::Email => ENVELOPE,
        Channel::Advertising => MEGAPHONE,
        Channel::Syndication => FEED,
        Channel::Internal => HOUSE,
        Channel::Assistant => SPARKLE,
    })
}

/// Renders the icon of a device type.
pub fn hardware(hardware: DeviceType) -> Markup {
    drawn(match hardware {
        DeviceType::Desktop => MONITOR,
        DeviceType::Phone => PHONE,
        DeviceType::Tablet => TABLET,
        DeviceType::Television => TELEVISION,
        DeviceType::Other => GLOBE,
    })
}

/// Renders the mark of the product: a house whose wall is a small chart.
pub fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" {
            path d="M3 11 12 3.5 21 11M7 20v-4.5M12 20v-9M17 20v-6.5";
        }
    }
}

/// Renders a country's flag; its name stands next to it.
pub fn flag(country: &str) -> Markup {
    html! { img.flag src={ "/assets/flags/" (country.to_lowercase()) ".svg" } width="18" height="12" alt="" loading="lazy"; }
}
