//! The writer: a thread that owns the only writing connection. Every change is a job in its bounded queue; a batch of
//! jobs is one transaction and one `fsync`, and the jobs are answered after the commit. Hits are written without
//! savepoints, other jobs in a savepoint each; a batch that fails as a whole is run again one by one, so that one
//! failing job does not affect the others. Clicks have a lane and batches of their own, for one of which hits wait at most.

mod change;
mod checkpoint;
mod click_lane;
mod condition;
mod hit_batch;
mod hit_handler;
mod worker;

pub use self::hit_batch::SenderCheck;
pub use self::hit_handler::HitHandler;

use self::change::{Invalidates, Job};
use self::click_lane::ClickSender;
use self::condition::Condition;
use self::hit_batch::{BatchRoom, HitBatch};
use self::worker::{Message, QueueItem, Worker};
use super::connection::{self, Purpose};
use super::writable::FileIdentity;
use crate::error::{Error, Result};
use crate::limits;
use rusqlite::{Connection, Transaction};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A handle to the writer's queue.
pub struct Writer<I: HitHandler> {
    queues: Mutex<Option<Queues<I>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    batch_room: BatchRoom,
    condition: Arc<Condition>,
}

/// The sending ends of both queues.
struct Queues<I: HitHandler> {
    main: SyncSender<Message<I>>,
    clicks: ClickSender<QueueItem<I>>,
}

impl<I: HitHandler> Writer<I> {
    /// Starts the writer and the checkpoint thread on an opened file.
    ///
    /// # Errors
    /// Fails when a second connection cannot be opened, the file's identity cannot be read, or a thread cannot be
    /// started.
    pub fn start(mut connection: Connection, path: &Path, intake: I) -> Result<Self> {
        let (main, messages) = sync_channel(limits::QUEUE_JOBS_MAX);
        let (clicks, lane) = click_lane::lane();
        let (wake, wakes) = channel();
        let frames = Arc::new(AtomicI64::new(0));
        let checkpoints = connection::connect(path, Purpose::Checkpoint)?;
        let has_written = Arc::<AtomicBool>::default();
        let (seen, written) = (Arc::clone(&frames), Arc::clone(&has_written));
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
            seen.store(i64::from(count), Ordering::Relaxed);
            written.store(true, Ordering::Relaxed);
            Ok(())
        }))?;
        let condition = Arc::<Condition>::default();
        let identity = FileIdentity::from_path(path)?;
        let told = Arc::clone(&condition);
        let worker = Worker {
            connection,
            intake,
            frames,
            has_written,
            wake,
            version: None,
            identity,
            condition: told,
        };
        let threads = vec![
            std::thread::Builder::new().name("writer".into()).spawn(move || worker.serve(&messages, lane))?,
            std::thread::Builder::new()
                .name("checkpoint".into())
                .spawn(move || checkpoint::serve(&checkpoints, &wakes))?,
        ];
        Ok(Self {
            queues: Mutex::new(Some(Queues { main, clicks })),
            threads: Mutex::new(threads),
            batch_room: BatchRoom::default(),
            condition,
        })
    }

    /// Queues a hit. The answer comes after the commit.
    ///
    /// # Errors
    /// Fails with [`Error::Busy`] when the queue is full or the writer has stopped.
    pub fn record(&self, hit: I::Hit) -> Result<oneshot::Receiver<Result<I::Answer>>> {
        let (reply, answer) = oneshot::channel();
        self.send(QueueItem::Hit(hit, reply))?;
        Ok(answer)
    }

    /// Queues clicks in their lane. The answer comes after the commit.
    ///
    /// # Errors
    /// Fails with [`Error::Busy`] when the lane is full or the writer has stopped.
    pub fn record_clicks(&self, clicks: I::Hit) -> Result<oneshot::Receiver<Result<I::Answer>>> {
        let (reply, answer) = oneshot::channel();
        let queues = self.queues.lock().map_err(|_| Error::Busy)?;
        let queues = queues.as_ref().ok_or(Error::Busy)?;
        if queues.clicks.send(QueueItem::Hit(clicks, reply)).map_err(|_| Error::Busy)? {
            // If the main queue is full, the writer looks after its next batch.
            drop(queues.main.try_send(Message::Clicks));
        }
        Ok(answer)
    }

    /// Queues a batch of hits, as a whole. `check` runs in the transaction of the hits: if it fails, none of them is written.
    /// The answers come after the commit, in the order of the hits.
    ///
    /// # Errors
    /// Fails with [`Error::Busy`] when the queue has no room for all of them or the writer has stopped.
    pub fn record_batch(
        &self,
        hits: Vec<I::Hit>,
        check: SenderCheck,
    ) -> Result<oneshot::Receiver<Result<Vec<I::Answer>>>> {
        let (reply, answer) = oneshot::channel();
        let room = self.batch_room.take(hits.len())?;
        self.send(QueueItem::Batch(HitBatch { hits, check, outcome: None, reply, room }))?;
        Ok(answer)
    }

    /// Queues a change. It may run twice, when a batch fails as a whole; only a committed run counts.
    ///
    /// # Errors
    /// Fails with [`Error::Busy`] when the queue is full or the writer has stopped.
    pub fn change<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.hand_in(work, Invalidates::Usual)
    }

    /// Queues a change that deletes labels.
    ///
    /// # Errors
    /// Fails with [`Error::Busy`] when the queue is full or the writer has stopped.
    pub fn delete_labels<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.hand_in(work, Invalidates::Labels)
    }

    /// Queues a change that erases visits, some of which may be open.
    ///
    /// # Errors
    /// Fails with [`Error::Busy`] when the queue is full or the writer has stopped.
    pub fn erase_visits<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.hand_in(work, Invalidates::Visits)
    }

    fn hand_in<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
        reach: Invalidates,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (reply, answer) = oneshot::channel();
        self.send(QueueItem::Change(Box::new(Job::new(work, reach, reply))))?;
        Ok(answer)
    }

    fn send(&self, job: QueueItem<I>) -> Result<()> {
        let queues = self.queues.lock().map_err(|_| Error::Busy)?;
        match queues.as_ref().map(|queues| queues.main.try_send(Message::Job(job))) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => Err(Error::Busy),
        }
    }

    /// Returns the outcome of recent writes; the error is a sentence for the operator: the disk is full, another
    /// process holds the file, or the writer itself has ended. `None` when no recent write can tell.
    pub fn condition(&self) -> Option<Result<(), String>> {
        if self.is_running() {
            return self.condition.known();
        }
        Some(Err("What writes to the data file has ended. Start Clickstead anew.".into()))
    }

    /// Returns true until the writer is stopped or one of its threads ends.
    fn is_running(&self) -> bool {
        let threads = self.threads.lock();
        threads.is_ok_and(|threads| !threads.is_empty() && !threads.iter().any(JoinHandle::is_finished))
    }

    /// Accepts no more jobs, finishes those accepted and closes the file.
    pub fn stop(&self) {
        if let Ok(mut queues) = self.queues.lock() {
            queues.take();
        }
        let threads =
            self.threads.lock().map(|mut threads| std::mem::take(&mut *threads)).unwrap_or_default();
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// Writes each hit into a table, once a test says go on; a hit of 13 fails. Tells the hits of each batch.
    struct Gate {
        go: mpsc::Receiver<()>,
        batch: Vec<i64>,
        batches: Batches,
    }

    /// The hits of each batch.
    type Batches = Arc<Mutex<Vec<Vec<i64>>>>;

    impl HitHandler for Gate {
        type Hit = i64;
        type Answer = ();

        fn forget(&mut self) {}
        fn settings_changed(&mut self) {}
        fn labels_deleted(&mut self) {}
        fn visits_erased(&mut self) {}

        fn after_commit(&mut self) {
            self.batches.lock().unwrap().push(std::mem::take(&mut self.batch));
        }

        fn handle(&mut self, transaction: &Transaction<'_>, hit: &i64) -> Result<()> {
            self.go.recv().unwrap_or_default();
            self.batch.push(*hit);
            if *hit == 13 {
                return Err(Error::Internal("unlucky".into()));
            }
            transaction.execute("insert into labels (id, text) values (:hit, :hit)", [hit])?;
            Ok(())
        }

        fn finish(&mut self, _: &Transaction<'_>) -> Result<()> {
            Ok(())
        }
    }

    fn start(folder: &Path) -> (Writer<Gate>, mpsc::Sender<()>, std::path::PathBuf) {
        let (writer, go, file, _) = start_told(folder);
        (writer, go, file)
    }

    /// Starts a writer that tells its batches.
    fn start_told(folder: &Path) -> (Writer<Gate>, mpsc::Sender<()>, std::path::PathBuf, Batches) {
        let file = folder.join("test.db");
        let (sender, go) = mpsc::channel();
        let batches = Batches::default();
        let gate = Gate { go, batch: Vec::new(), batches: Arc::clone(&batches) };
        let writer = Writer::start(crate::store::open(&file, true).unwrap(), &file, gate).unwrap();
        (writer, sender, file, batches)
    }

    fn kept(file: &Path) -> i64 {
        let connection = crate::store::open(file, false).unwrap();
        connection.query_row("select count(*) from labels", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_keeps_what_it_took() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, go, file) = start(folder.path());
        let mut answers = Vec::new();
        let refusal = loop {
            match writer.record(1_000 + i64::try_from(answers.len()).unwrap()) {
                Ok(answer) => answers.push(answer),
                Err(error) => break error,
            }
        };
        assert!(matches!(refusal, Error::Busy));
        assert!(answers.len() >= limits::QUEUE_JOBS_MAX);
        drop(go);
        writer.stop();
        assert_eq!(kept(&file), i64::try_from(answers.len()).unwrap());
        assert!(answers.into_iter().all(|answer| matches!(answer.blocking_recv(), Ok(Ok(())))));
    }

    #[test]
    fn clicks_have_batches_of_their_own_and_hits_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, go, _, batches) = start_told(folder.path());
        // The writer holds the first hit when the others come.
        drop(writer.record(1).unwrap());
        let clicks: Vec<_> = (100..200).map(|click| writer.record_clicks(click).unwrap()).collect();
        let hits: Vec<_> = (2..10).map(|hit| writer.record(hit).unwrap()).collect();
        drop(go);
        assert!(clicks.into_iter().chain(hits).all(|answer| matches!(answer.blocking_recv(), Ok(Ok(())))));
        writer.stop();
        let batches = batches.lock().unwrap();
        let is_click = |one: &i64| *one >= 100;
        assert!(
            batches.iter().all(|batch| batch.iter().all(is_click) || !batch.iter().any(is_click)),
            "{batches:?}"
        );
        assert!(batches.iter().all(|batch| batch.len() <= limits::BATCH_CLICKS_MAX));
        let order: Vec<i64> = batches.iter().flatten().copied().collect();
        assert_eq!(order, (1..10).chain(100..200).collect::<Vec<_>>());
    }

    #[test]
    fn a_full_lane_of_clicks_refuses_clicks_and_no_hits_and_keeps_what_it_took() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, go, file) = start(folder.path());
        let mut answers = vec![writer.record(1).unwrap()];
        let refusal = loop {
            match writer.record_clicks(1_000 + i64::try_from(answers.len()).unwrap()) {
                Ok(answer) => answers.push(answer),
                Err(error) => break error,
            }
        };
        assert!(matches!(refusal, Error::Busy));
        assert!(answers.len() > limits::QUEUE_CLICKS_MAX);
        answers.push(writer.record(2).unwrap());
        drop(go);
        writer.stop();
        assert_eq!(kept(&file), i64::try_from(answers.len()).unwrap());
        assert!(answers.into_iter().all(|answer| matches!(answer.blocking_recv(), Ok(Ok(())))));
        assert!(matches!(writer.record_clicks(1), Err(Error::Busy)));
    }

    #[test]
    fn a_job_that_fails_hurts_no_other_of_its_batch() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, go, file) = start(folder.path());
        let hits: Vec<_> = [11, 12, 13, 14].iter().map(|hit| writer.record(*hit).unwrap()).collect();
        let change = writer
            .change(|tx| Ok(tx.execute("insert into labels (id, text) values (99, 'x')", [])?))
            .unwrap();
        let failing = writer
            .change(|tx| {
                tx.execute("insert into labels (id, text) values (100, 'y')", [])?;
                Err::<(), _>(Error::Forbidden)
            })
            .unwrap();
        drop(go);
        let outcomes: Vec<bool> = hits.into_iter().map(|hit| hit.blocking_recv().unwrap().is_ok()).collect();
        assert_eq!(outcomes, [true, true, false, true]);
        assert_eq!(change.blocking_recv().unwrap().unwrap(), 1);
        assert!(matches!(failing.blocking_recv().unwrap(), Err(Error::Forbidden)));
        writer.stop();
        assert_eq!(kept(&file), 4);
        assert!(matches!(writer.record(1), Err(Error::Busy)));
        assert!(!writer.is_running());
    }

    #[test]
    fn a_change_that_writes_nothing_does_not_end_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, _go, _) = start(folder.path());
        writer.condition.set(Err(&Error::Unwritable("The disk is full.".into())));
        let changed = |work: fn(&Transaction<'_>) -> Result<()>| writer.change(work).unwrap().blocking_recv();
        changed(|_| Ok(())).unwrap().unwrap();
        assert_eq!(writer.condition(), Some(Err("The disk is full.".into())));
        changed(crate::store::writable::probe).unwrap().unwrap();
        assert_eq!(writer.condition(), Some(Ok(())));
    }
}
