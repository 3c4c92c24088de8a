//! Alerts on goals and revenue.

use super::*;

#[actix_web::test]
async fn a_goal_is_told_each_time_first_of_the_day_and_over_a_number() {
    let mut bench = Bench::new().await;
    let goal = bench.goal().await;
    let of = |mode, threshold| AlertSettings {
        goal: Some(goal),
        mode,
        threshold,
        ..AlertSettings::proposed(AlertKind::Goal)
    };
    let each = bench.set(None, of(GoalMode::Each, 0)).await;
    let first = bench.set(None, of(GoalMode::First, 0)).await;
    let over = bench.set(None, of(GoalMode::Over, 3)).await;
    bench.look(at(8)).await;
    for hour in 9..14 {
        bench.convert(at(hour), goal, 0).await;
        bench.look(at(hour).after(Duration::from_mins(1))).await;
        bench.look(at(hour).after(Duration::from_mins(2))).await;
    }
    let count = async |alert| bench.events(alert).await.len();
    assert_eq!((count(each).await, count(first).await, count(over).await), (5, 1, 1));
    let told = bench.events(over).await;
    assert_eq!(told[0].title, "“Order” was reached 4 times, more than 3");
}

#[actix_web::test]
async fn revenue_of_a_day_is_told_once_and_only_to_those_who_may_see_it() {
    let mut bench = Bench::new().await;
    let goal = bench.goal().await;
    let alert = bench.watch(AlertKind::Revenue, 10_000).await;
    bench.look(at(8)).await;
    for hour in 9..12 {
        bench.convert(at(hour), goal, 6_000).await;
        bench.look(at(hour).after(Duration::from_mins(1))).await;
    }
    let events = bench.events(alert).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].title, "Revenue is 120.00 USD, more than 100.00 USD");
    assert_eq!(bench.subjects().await, [format!("ada@a.example: a.example: {}", events[0].title)]);
}

#[actix_web::test]
async fn conversions_of_the_last_seconds_of_a_day_are_told_on_the_next_one() {
    let mut bench = Bench::new().await;
    let goal = bench.goal().await;
    let each = AlertSettings { goal: Some(goal), threshold: 0, ..AlertSettings::proposed(AlertKind::Goal) };
    let alert = bench.set(None, each).await;
    bench.look(at(23)).await;
    bench.convert(Timestamp(at(24).0 - 5_000), goal, 0).await;
    bench.look(at(24).after(Duration::from_secs(10))).await;
    bench.look(at(24).after(Duration::from_secs(30))).await;
    assert_eq!(bench.events(alert).await.len(), 1);
}
