//! The checks of monitors that are under way, on one pool of threads, because each waits for another server.

use crate::alerts::monitors::round::{Checked, DueCheck};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Clock;
use crate::model::id::{MonitorId, SiteId};
use crate::model::monitor::{Check, Monitor, Network};
use crate::outbound::probe::{self, Prober};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;
type UnderWay = Arc<Mutex<HashMap<MonitorId, SiteId>>>;
/// A check that was made, with the reservation of its monitor until it is written down.
type Done = (Checked, Reservation);

/// The checks of monitors that are under way.
pub struct Probes {
    prober: Arc<Prober>,
    reference: Option<String>,
    clock: Clock,
    pool: OnceLock<SyncSender<Work>>,
    under_way: UnderWay,
    done: Arc<Mutex<Vec<Done>>>,
}

/// The reservation of a monitor: as long as it is held, no other check of the monitor begins.
pub struct Reservation {
    under_way: UnderWay,
    monitor: MonitorId,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.monitor);
    }
}

impl Probes {
    /// Returns no checks. The threads are started with the first one.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when the trusted certificates cannot be read.
    pub fn new(allows_private: bool, reference: Option<String>, clock: Clock) -> Result<Self> {
        Ok(Self {
            prober: Arc::new(Prober::new(allows_private)?),
            reference,
            clock,
            pool: OnceLock::new(),
            under_way: UnderWay::default(),
            done: Arc::default(),
        })
    }

    /// Begins checks, except those that are under way already and those for which no place is free.
    ///
    /// # Errors
    ///
    /// Fails when no thread can be started.
    pub fn begin(&self, due: Vec<DueCheck>) -> Result<()> {
        for check in due {
            let at_once = limits::MONITOR_CHECKS_PER_SITE_AT_ONCE;
            let Some(reservation) = self.reserve(&check.monitor, at_once) else { continue };
            let done = Arc::clone(&self.done);
            let run = self.probe(check);
            let work = move || {
                let checked = run();
                done.lock().unwrap_or_else(PoisonError::into_inner).push((checked, reservation));
            };
            if self.pool()?.try_send(Box::new(work)).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Makes a check that a person asks for. The caller writes it down and drops the reservation.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the monitor is being checked already, or no place is free.
    pub async fn check(&self, check: DueCheck) -> Result<(Checked, Reservation)> {
        let reservation = self.reserve(&check.monitor, usize::MAX).ok_or(Error::Busy)?;
        let (reply, answer) = oneshot::channel();
        let run = self.probe(check);
        // The receiver may be gone already.
        let work = move || drop(reply.send((run(), reservation)));
        self.pool()?.try_send(Box::new(work)).map_err(|_| Error::Busy)?;
        answer.await.map_err(|_| Error::Busy)
    }

    /// Takes the checks that were made.
    pub fn take_done(&self) -> Vec<Done> {
        std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reserves a monitor; `None` if a check of it, or so many checks of its site, are under way.
    fn reserve(&self, monitor: &Monitor, of_site_max: usize) -> Option<Reservation> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let of_site = under_way.values().filter(|site| **site == monitor.site).count();
        if of_site >= of_site_max || under_way.contains_key(&monitor.id) {
            return None;
        }
        under_way.insert(monitor.id, monitor.site);
        Some(Reservation { under_way: Arc::clone(&self.under_way), monitor: monitor.id })
    }

    fn probe(&self, check: DueCheck) -> impl FnOnce() -> Checked + Send + use<> {
        let (prober, reference, clock) =
            (Arc::clone(&self.prober), self.reference.clone(), self.clock.clone());
        move || run(&prober, reference.as_deref(), &clock, check)
    }

    fn pool(&self) -> Result<&SyncSender<Work>> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool);
        }
        let (sender, receiver) = sync_channel(limits::MONITOR_CHECKS_WAITING_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..limits::MONITOR_THREADS {
            let receiver = Arc::clone(&receiver);
            std::thread::Builder::new().name("uptime".into()).spawn(move || work_off(&receiver))?;
        }
        Ok(self.pool.get_or_init(|| sender))
    }
}

fn work_off(receiver: &Mutex<Receiver<Work>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // The hook has logged it, and the reservation is gone with the work.
        drop(catch_unwind(AssertUnwindSafe(work)));
    }
}

/// Checks a monitor. If its failure counts and it gave no answer, other servers are asked whether this one's network works.
fn run(prober: &Prober, reference: Option<&str>, clock: &Clock, due: DueCheck) -> Checked {
    let DueCheck { monitor, references } = due;
    let at = clock.now();
    let found = prober.probe(&monitor.settings);
    let is_silent = found.problem.is_some() && found.status.is_none();
    let network = match references {
        Some(references) if is_silent => ask(prober, &monitor, &references, reference),
        _ => Network::Fine,
    };
    let check = Check { at, milliseconds: found.milliseconds, status: found.status, problem: found.problem };
    Checked { monitor, check, certificate_expires_at: found.certificate_expires_at, network }
}

/// Asks whether this server's own network works. It is down only if the operator's reference, or two monitors on machines of
/// their own, don't answer; one that is silent may be down itself.
fn ask(prober: &Prober, monitor: &Monitor, references: &[String], reference: Option<&str>) -> Network {
    let mut asked = 0;
    for other in references {
        if asked == limits::MONITOR_REFERENCES_ASKED {
            break;
        }
        if probe::is_same_machine(&monitor.settings.url, other) {
            continue;
        }
        if prober.reaches(other) {
            return Network::Fine;
        }
        asked += 1;
    }
    match reference.map(|reference| prober.reaches(reference)) {
        Some(true) => Network::Fine,
        Some(false) => Network::Own,
        None if asked >= limits::MONITOR_REFERENCES_ASKED => Network::Own,
        None => Network::Unknown,
    }
}
