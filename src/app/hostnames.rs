//! Reverse DNS in the background: the host names of visitors' addresses, written to their visits.

use super::App;
use crate::error::Result;
use crate::ingest::reverse_dns;
use crate::limits;
use crate::model::clock::Zone;
use crate::store::{blocks, labels, visits};

impl App {
    /// Looks up the host names of some visits' addresses and stores them. Returns true if more are waiting.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub async fn find_hostnames(&self) -> Result<bool> {
        let waiting = self.lookups.take(limits::LOOKUPS_AT_ONCE);
        let has_more = waiting.len() == limits::LOOKUPS_AT_ONCE;
        // Each look-up may wait for a distant server: all run in parallel.
        let lookups =
            waiting.into_iter().map(|one| Self::outside(move || Ok((one, reverse_dns::find(&one)))));
        let answers = futures_util::future::join_all(lookups).await;
        let named: Vec<_> =
            answers.into_iter().flatten().filter_map(|(one, name)| Some((one, name?))).collect();
        if named.is_empty() {
            return Ok(has_more);
        }
        let changed: Vec<_> = named.iter().map(|(one, _)| (one.site, one.visit)).collect();
        let now = self.clock.now();
        let (lookups, day) = (self.lookups.clone(), Zone::utc().day(now));
        self.write(move |tx| {
            for (one, name) in &named {
                if visits::find_visit(tx, one.site, one.visit)?.is_none() {
                    // The visit was erased meanwhile: its host name must not be stored.
                    continue;
                }
                let label = match labels::find(tx, name)? {
                    Some(label) => label,
                    None if !lookups.take_room(one, day) => continue,
                    None => labels::create(tx, name)?,
                };
                visits::update_hostname(tx, one.site, one.visit, label)?;
                blocks::unseal_visit(tx, one.site, one.visit)?;
                if one.visit.began().after(limits::DAY_SETTLES_AFTER) < now {
                    // Reports take the day for a finished one.
                    blocks::begin_edition(tx, one.site)?;
                }
            }
            Ok(())
        })
        .await?;
        self.changes.publish(changed);
        Ok(has_more)
    }
}
