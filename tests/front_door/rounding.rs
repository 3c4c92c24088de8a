//! Short numbers are rounded, on the server and in the browser alike.

use super::chromium::{sign_in, wait_for, wait_until, with_browser};
use super::harness::{Desk, today};

#[test]
fn a_short_number_is_rounded_to_a_tenth_of_its_unit_and_to_the_next_unit_at_its_border() {
    let desk = Desk::with_site();
    let rows = [("bot", 13_571), ("spam", 999_950)].map(|(reason, count)| {
        format!(
            "insert into filtered (site_id, day, reason, count) values (1, {}, '{reason}', {count});",
            today() - 1
        )
    });
    desk.open().execute_batch(&rows.concat()).unwrap();
    let server = desk.serve();
    let page = server.page("/sites/1/reports/left-out?date=yesterday", &server.sign_in("ada"));
    for shown in [
        r#"<data value="13571" title="13,571">13.6k</data>"#,
        r#"<data value="999950" title="999,950">1.0M</data>"#,
        // 13,571 of 1,013,521, and the rest of it.
        "1.3 %",
        "98.7 %",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[test]
fn a_browser_rounds_the_number_of_people_online_as_the_server_does() {
    let desk = Desk::with_site();
    let server = desk.serve();
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        client.goto(&format!("http://{}/sites/1", server.address)).await.unwrap();
        wait_for(client, "[data-online] [data-number]").await;
        for (online, shown) in [(13_571, "13.6k"), (999_950, "1.0M")] {
            // What the server would say of so many.
            let says = format!("window.fetch = async () => new Response('{{\"online\":{online}}}')");
            client.execute(&says, Vec::new()).await.unwrap();
            let text = "document.querySelector('[data-online] [data-number]').textContent";
            wait_until(client, &format!("{text} === '{shown}'")).await;
        }
    });
}
