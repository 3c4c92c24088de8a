//! The parameters of a beacon, from query and body, with Clicky's names. Parsing never fails: of a repeated
//! name the last value counts, bytes that are not UTF-8 become replacement characters, unknown names are
//! ignored.

use crate::ingest::beacon::Beacon;
use crate::ingest::hit::ServerProof;
use crate::limits;
use crate::model::id::SiteId;
use crate::model::vital::Vital;
use crate::store::visit_attribute::VisitAttribute;

/// The response form that a beacon asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mime {
    /// No preference.
    #[default]
    Any,
    /// JavaScript: the beacon is a `<script>` element.
    JavaScript,
    /// JSON: the beacon comes from our tracker.
    Json,
    /// A picture.
    Gif,
}

/// Returns the parameters of a query and a body.
pub fn read(query: &[u8], body: &[u8]) -> (Beacon, Mime) {
    let mut beacon = Beacon { javascript: true, ..Beacon::default() };
    let mut mime = Mime::Any;
    let pairs = form_urlencoded::parse(query).chain(form_urlencoded::parse(body));
    for (name, value) in pairs.take(limits::PARAMETERS_MAX) {
        if name == "mime" {
            mime = mime_of(&value);
        } else {
            set(&mut beacon, &name, value.into_owned());
        }
    }
    (beacon, mime)
}

fn mime_of(value: &str) -> Mime {
    match value {
        "js" => Mime::JavaScript,
        "json" => Mime::Json,
        "gif" => Mime::Gif,
        _ => Mime::Any,
    }
}

fn set(beacon: &mut Beacon, name: &str, value: String) {
    match name {
        "site_id" => beacon.site = SiteId::parse(value.trim()),
        "type" => beacon.kind = value,
        "href" => beacon.href = value,
        "title" => beacon.title = value,
        "ref" => beacon.referrer = value,
        "utm" => beacon.utm = value,
        "jsuid" => beacon.visitor = value,
        "ck" => beacon.cookie_kept = value == "1",
        "consent" => beacon.consent = value == "1",
        "sticky" => beacon.sticky_disabled = value == "0",
        "hash" => beacon.has_hash_routes = value == "1",
        "pv" => beacon.page_views_disabled = value == "0",
        "webdriver" => beacon.automated = value == "1",
        "goal" | "goal[id]" | "goal[name]" => beacon.goal = value,
        "goal[revenue]" => beacon.revenue = value,
        "goal[currency]" => beacon.currency = value,
        "split[name]" => beacon.split.name = value,
        "split[version]" => beacon.split.version = value,
        "split[goal]" => beacon.split.goal = value,
        "video[action]" => beacon.media.action = value,
        "video[time]" => beacon.media.time = value,
        "on" => beacon.reading.page = value,
        "seen" => beacon.reading.seconds = value,
        "depth" => beacon.reading.depth = value,
        "sitekey_admin" => beacon.program = Some(ServerProof::AdminKey(value)),
        "status" => beacon.status = value,
        "session_id" => beacon.visit = value,
        "ip_address" => beacon.address = value,
        "ua" => beacon.agent = value,
        _ => set_listed(beacon, name, value),
    }
}

/// Sets the parameters that are lists: `custom[key]`, `heatmap[]`, `click[]`, the attributes of the visit and web vitals.
fn set_listed(beacon: &mut Beacon, name: &str, value: String) {
    if let Some(key) = name.strip_prefix("custom[").and_then(|rest| rest.strip_suffix(']')) {
        beacon.custom.retain(|(known, _)| known != key);
        beacon.custom.push((key.to_owned(), value));
    } else if name.starts_with("heatmap[") {
        beacon.heatmap.push(value);
    } else if name.starts_with("click[") {
        beacon.clicks.push(value);
    } else if let Some(attribute) = VisitAttribute::of_parameter(name) {
        beacon.attributes.retain(|(known, _)| *known != attribute);
        beacon.attributes.push((attribute, value));
    } else if let Ok(vital) = name.parse::<Vital>() {
        beacon.vitals[vital as usize] = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_and_body_are_read_as_one_and_the_last_word_counts() {
        let (beacon, mime) =
            read(b"site_id=1&href=%2Fa&mime=json", b"site_id=2&custom[k]=1&custom[k]=2&title=%FF");
        assert_eq!((beacon.site, beacon.href.as_str()), (Some(SiteId(2)), "/a"));
        assert_eq!(beacon.custom, [("k".to_owned(), "2".to_owned())]);
        assert_eq!(beacon.title, "\u{fffd}");
        assert_eq!(mime, Mime::Json);
    }
}
