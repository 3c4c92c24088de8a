//! Alerts on traffic: spikes, drops, visitors online, silence.

use super::*;

#[actix_web::test]
async fn a_spike_and_its_end_are_told_once_each() {
    let mut bench = Bench::new().await;
    bench.four_weeks(10).await;
    let alert = bench.watch(AlertKind::Spike, 30).await;
    bench.looks(9..10).await;
    bench.come(at(10), 80).await;
    bench.looks(10..14).await;
    let events = bench.events(alert).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].title, "Traffic spike: 80 visits since 10:00");
    assert!(events[0].numbers.contains(r#""weeks":[10,10,10,10]"#), "{}", events[0].numbers);
    assert_eq!(events[0].link, format!("/sites/{}/reports/visitors?date=2026-09-16", bench.site.id));
    assert!(events[0].ended_at.is_some());
    let told = bench.subjects().await;
    let (spike, over) =
        ("a.example: Traffic spike: 80 visits since 10:00", "a.example: Traffic is back to normal");
    let expected = ["ada", "vera"].map(|name| format!("{name}@a.example: {spike}"));
    assert_eq!(told[..2], expected);
    assert_eq!(told[2..], ["ada", "vera"].map(|name| format!("{name}@a.example: {over}")));
}

#[actix_web::test]
async fn a_drop_is_told_once_when_three_hours_were_too_quiet() {
    let mut bench = Bench::new().await;
    bench.four_weeks(30).await;
    let alert = bench.watch(AlertKind::Drop, 50).await;
    for hour in 0..8 {
        bench.come(at(hour), 30).await;
    }
    bench.looks(5..14).await;
    let titles: Vec<String> = bench.events(alert).await.into_iter().map(|event| event.title).collect();
    assert_eq!(titles, ["Traffic drop: only 0 visits between 08:00 and 11:00"]);
}

#[actix_web::test]
async fn visitors_online_are_told_once_until_they_are_fewer() {
    let mut bench = Bench::new().await;
    let alert = bench.watch(AlertKind::Online, 5).await;
    bench.look(at(9)).await;
    assert!(bench.events(alert).await.is_empty());
    bench.come(at(9), 7).await;
    for second in [10, 30, 50] {
        bench.look(at(9).after(Duration::from_secs(second))).await;
    }
    let events = bench.events(alert).await;
    assert_eq!(
        events.iter().map(|event| event.title.as_str()).collect::<Vec<_>>(),
        ["7 visitors online, more than 5"]
    );
    bench.looks(10..16).await;
    assert!(bench.events(alert).await[0].ended_at.is_some());
}

#[actix_web::test]
async fn silence_is_told_once_and_ends_with_the_next_hit() {
    let mut bench = Bench::new().await;
    bench.come(at(0), 1).await;
    let alert = bench.watch(AlertKind::Silence, 3).await;
    bench.looks(0..8).await;
    bench.come(at(8), 1).await;
    bench.looks(8..10).await;
    let events = bench.events(alert).await;
    assert_eq!(events.iter().map(|event| event.title.as_str()).collect::<Vec<_>>(), ["No hits for 3 hours"]);
    assert_eq!((events[0].fired_at, events[0].ended_at), (at(3), Some(at(8))));
}

#[actix_web::test]
async fn a_segment_is_not_compared_with_days_of_which_only_totals_are_left() {
    let mut bench = Bench::new().await;
    bench.four_weeks(10).await;
    let settings = AlertSettings { segment: "actions=1".into(), ..AlertSettings::proposed(AlertKind::Spike) };
    let alert = bench.set(None, settings).await;
    let site = bench.site.id;
    let pruned = bench.app.write(move |tx| {
        let hour = Metrics::new([(Measure::Visits, 10)]);
        for day in ["2026-08-26", "2026-09-02", "2026-09-09"] {
            let mut rows = vec![rollups::row_of_all(&Metrics::new([(Measure::Visits, 240)]))];
            rows.extend(rollups::rows_of_hours(&[hour; 24]));
            crate::store::rollups::add(tx, site, Day::parse(day).unwrap(), &rows)?;
        }
        Ok(())
    });
    pruned.await.unwrap();
    bench.looks(9..10).await;
    bench.come(at(10), 80).await;
    bench.looks(10..12).await;
    assert_eq!(bench.events(alert).await, []);
}
