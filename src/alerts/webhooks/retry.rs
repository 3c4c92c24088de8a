//! The tries of a message to a webhook: whether an answer is a success, and when the next try comes.

use crate::limits;
use crate::outbound::webhook_post::Answer;
use crate::store::webhook_deliveries::Outcome;
use std::time::Duration;

/// The decision after a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The outcome to show.
    pub outcome: Outcome,
    /// True if there is no further try.
    pub is_last: bool,
    /// The shortest pause that the receiver asks for.
    pub wait: Option<Duration>,
}

/// Returns the pause before the next try, after so many tries. It grows fourfold up to `WEBHOOK_PAUSE_MAX`.
pub fn pause(tries: u32) -> Duration {
    let grown = limits::WEBHOOK_PAUSE.saturating_mul(4_u32.saturating_pow(tries.saturating_sub(1).min(10)));
    grown.min(limits::WEBHOOK_PAUSE_MAX)
}

/// Returns what a try came to. `tries` counts it.
pub fn decide(answer: Result<Answer, String>, milliseconds: i64, tries: u32) -> Decision {
    let is_last = tries >= limits::WEBHOOK_TRIES_MAX;
    let failed = |problem: String, answer: Option<Answer>, is_last: bool| {
        let wait = answer.as_ref().and_then(|answer| answer.retry_after);
        let outcome = Outcome {
            milliseconds,
            status: answer.as_ref().map(|answer| answer.status),
            answer: answer.map(|answer| answer.text),
            problem: Some(problem),
        };
        Decision { outcome, is_last, wait: wait.map(|wait| wait.min(limits::WEBHOOK_PAUSE_MAX)) }
    };
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => {
            let outcome = Outcome {
                milliseconds,
                status: Some(answer.status),
                answer: Some(answer.text),
                problem: None,
            };
            Decision { outcome, is_last: true, wait: None }
        }
        // The receiver says for good that it wants no more (RFC 9110, section 15.5.11).
        Ok(answer) if answer.status == 410 => {
            failed("The receiver has gone for good (410).".to_owned(), Some(answer), true)
        }
        Ok(answer) if (300..400).contains(&answer.status) => {
            let problem =
                format!("It answered {} and leads elsewhere. Enter the final address.", answer.status);
            failed(problem, Some(answer), is_last)
        }
        Ok(answer) => failed(format!("It answered {}.", answer.status), Some(answer), is_last),
        Err(sentence) => failed(sentence, None, is_last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16) -> Decision {
        decide(Ok(Answer { status, text: "ok".into(), retry_after: None }), 5, 1)
    }

    #[test]
    fn pauses_grow_and_all_tries_take_more_than_a_day() {
        assert_eq!((pause(1), pause(2)), (Duration::from_secs(10), Duration::from_secs(40)));
        assert_eq!(pause(u32::MAX), limits::WEBHOOK_PAUSE_MAX);
        let all: Duration = (1..limits::WEBHOOK_TRIES_MAX).map(pause).sum();
        assert!((24..36).contains(&(all.as_secs() / 3_600)), "{all:?}");
    }

    #[test]
    fn answers_of_200_to_299_are_successes_and_gone_is_final() {
        assert!([200, 202, 204].into_iter().all(|status| answered(status).outcome.problem.is_none()));
        for status in [301, 400, 404, 429, 500, 503] {
            let Decision { outcome, is_last, .. } = answered(status);
            assert!(outcome.problem.unwrap().contains(&status.to_string()) && !is_last);
        }
        assert!(answered(410).is_last && answered(410).outcome.problem.is_some());
    }

    #[test]
    fn the_last_try_is_the_last_and_a_receiver_may_ask_for_a_longer_pause() {
        let down = || Err("It can't be reached.".to_owned());
        assert!(!decide(down(), 5, limits::WEBHOOK_TRIES_MAX - 1).is_last);
        assert!(decide(down(), 5, limits::WEBHOOK_TRIES_MAX).is_last);
        let busy = Answer { status: 429, text: String::new(), retry_after: Some(Duration::from_mins(5)) };
        assert_eq!(decide(Ok(busy), 5, 1).wait, Some(Duration::from_mins(5)));
        let absurd =
            Answer { status: 503, text: String::new(), retry_after: Some(Duration::from_hours(9_999)) };
        assert_eq!(decide(Ok(absurd), 5, 1).wait, Some(limits::WEBHOOK_PAUSE_MAX));
    }
}
