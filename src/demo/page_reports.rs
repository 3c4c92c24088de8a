//! Reports of browsers on the pages of the demo's visits: web vitals, and links to pages that are gone. It is drawn from a
//! source of its own for each visit, so that visits stay as they are.

use super::business::Business;
use super::visitors::{PlannedVisit, Step, on_site};
use crate::ingest::hit::ActionKind;
use crate::model::device_type::DeviceType;
use crate::model::id::VisitId;
use crate::model::vital::{VITALS, Vital};
use fastrand::Rng;

/// The days up to the last one on which web vitals are measured.
pub const MEASURED_DAYS: i32 = 60;
/// One visit of as many follows a broken link.
const BROKEN_LINK_EVERY: u64 = 180;
/// One visit of as many is measured.
const MEASURED_EVERY: u64 = 3;
/// The title of the site's page for what is not there.
const NOT_FOUND_TITLE: &str = "Page not found";

/// A view of a page that was not found.
pub struct MissingPage {
    /// The address of the page.
    pub page: String,
    /// The page with the link; `None` if it is not known.
    pub referrer: Option<String>,
}

/// Returns the random source of a visit.
fn source(id: VisitId) -> Rng {
    Rng::with_seed(id.0.cast_unsigned())
}

/// Lets some visits of a business follow a broken link at their end.
pub fn follow_broken_link(
    id: VisitId,
    business: &Business,
    planned: &mut PlannedVisit,
) -> Option<MissingPage> {
    let mut rng = source(id);
    if business.broken_links.is_empty() || rng.u64(0..BROKEN_LINK_EVERY) > 0 {
        return None;
    }
    let (path, from) = business.broken_links[rng.usize(0..business.broken_links.len())];
    let page = on_site(business, path);
    let at = planned.length;
    planned.steps.push(Step {
        at,
        kind: ActionKind::PageView,
        address: page.clone(),
        title: NOT_FOUND_TITLE,
    });
    let referrer = match from {
        "" => None,
        path if path.starts_with('/') => Some(on_site(business, path)),
        address => Some(address.to_owned()),
    };
    Some(MissingPage { page, referrer })
}

/// Returns the web vitals of the pages that a visit viewed, in the order of [`Vital`], if its browser measured them.
pub fn vitals(
    id: VisitId,
    business: &Business,
    planned: &PlannedVisit,
) -> Vec<(String, [Option<u32>; VITALS])> {
    let mut rng = source(id);
    if !business.measures_vitals || rng.u64(0..MEASURED_EVERY) > 0 {
        return Vec::new();
    }
    let device = planned.visitor.device();
    // Firefox and Safari tell less.
    let tells_shift =
        device.browser.contains("Chrome") || matches!(device.browser, "Edge" | "Samsung Internet");
    let views = planned.steps.iter().filter(|step| step.kind == ActionKind::PageView);
    let measured = views.map(|step| {
        let slowness = match device.device_type {
            DeviceType::Phone => 150,
            DeviceType::Tablet => 120,
            _ => 80,
        };
        let (lcp, inp, cls) = usual(&step.address);
        let mut around = |usual: u32| usual * slowness / 100 * rng.u32(45..170) / 100;
        let mut values = [None; VITALS];
        values[Vital::Lcp as usize] = Some(around(lcp));
        values[Vital::Inp as usize] = Some(around(inp));
        if tells_shift {
            values[Vital::Cls as usize] = Some(around(cls));
        }
        (step.address.clone(), values)
    });
    measured.collect()
}

/// Returns the usual values of a page: pictures make it slow, scripts make it respond late, advertisements make it move.
fn usual(address: &str) -> (u32, u32, u32) {
    match address {
        page if page.contains("/shop") => (2_300, 310, 500),
        page if page.contains("/recipes") => (1_900, 110, 1_450),
        page if page.contains("/cakes") || page.contains("/christmas") => (2_900, 120, 650),
        _ => (1_300, 90, 300),
    }
}
