//! The reception of hits: what beacons are read with before the writer gets them.

use crate::config::ServeConfig;
use crate::error::Result;
use crate::ingest::dropped_hits::PendingDroppedHits;
use crate::ingest::enrich::Enricher;
use crate::ingest::geoip::GeoIp;
use crate::ingest::live::Feed;
use crate::ingest::recorder::Admission;
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::ingest::reverse_dns::LookupQueue;
use std::sync::Arc;

/// The state of the reception of hits.
pub struct Intake {
    /// The enricher that turns beacons into hits.
    pub enricher: Enricher,
    /// The table of sites and addresses that predicts which hits will be accepted.
    pub admission: Admission,
    /// The location database of IP addresses.
    pub geoip: Arc<GeoIp>,
    /// The list of hosts known for referrer spam.
    pub spam: Arc<ReferrerSpam>,
    /// The live feed of recorded actions.
    pub feed: Feed,
    /// The visits whose host names are to be looked up.
    pub lookups: LookupQueue,
    /// The counts of hits dropped before the writer.
    pub dropped_hits: PendingDroppedHits,
}

impl Intake {
    /// Opens the files of locations and of referrer spam, or those built in.
    ///
    /// # Errors
    ///
    /// Fails when one of the operator's files cannot be read.
    pub fn open(config: &ServeConfig) -> Result<Self> {
        let geoip =
            Arc::new(config.geoip.as_ref().map_or_else(|| Ok(GeoIp::builtin()), |path| GeoIp::open(path))?);
        let spam = match &config.referrer_spam_file {
            Some(path) => ReferrerSpam::open(path)?,
            None => ReferrerSpam::builtin(),
        };
        Ok(Self {
            enricher: Enricher::new(Arc::clone(&geoip)),
            admission: Admission::default(),
            geoip,
            spam: Arc::new(spam),
            feed: Feed::new(),
            lookups: LookupQueue::default(),
            dropped_hits: PendingDroppedHits::default(),
        })
    }
}
