//! Journeys: [`visit_paths`] reads the pages of a visit around the middle. One pass over the days counts the visits of each column
//! ([`journey_counts`]), another one those between the nodes that are shown ([`journey_links`]); [`answer`] names the result.

pub mod answer;
pub mod journey_counts;
pub mod journey_links;
pub mod visit_paths;
