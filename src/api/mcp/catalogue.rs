//! The resource with the catalogue of reports, the words of questions, and what they mean. It is the same for all sites.

use crate::api::v1::reports::ReportCatalogue;
use crate::reports::visibility::Visibility;
use rmcp::model::{Resource, ResourceContents};

/// The address of the resource.
pub const URI: &str = "clickstead://catalogue";

/// Describes the resource.
pub fn resource() -> Resource {
    Resource::new(URI, "catalogue")
        .with_title("Reports, dimensions, metrics, filters and definitions")
        .with_description(
            "All reports with what they count, the dimensions and metrics of queries, the operators of filters, and what the \
             terms mean.",
        )
        .with_mime_type("application/json")
}

/// Returns the contents of a resource; `None` if there is none at the address.
pub fn read(uri: &str) -> Option<ResourceContents> {
    let text = serde_json::to_string(&ReportCatalogue::new(&Visibility::everything())).ok()?;
    (uri == URI).then(|| ResourceContents::text(text, URI).with_mime_type("application/json"))
}
