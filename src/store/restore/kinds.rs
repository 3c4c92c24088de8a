//! The kinds of state that a restore carries over from the replaced file. The backup is `main`, the replaced file is attached as
//! `present`; both have today's schema. Ids are never reused, so rows with the same id and creation time are the same thing in both.

use crate::error::Result;
use crate::model::id::SiteId;
use crate::store::site_deletion;
use rusqlite::{Connection, Transaction};

/// The relation to the backup that is required to carry a kind of state over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Shared users or sites: rows that are in both files can be compared.
    Related,
    /// A continuation of the backup: a row that the present file lacks was deleted.
    Later,
}

/// A kind of state: the query that describes its differences in words, and the statements that carry it over.
pub(super) struct Kind {
    pub needs: Needs,
    pub said: &'static str,
    /// A function to run before the statements.
    pub first: Option<fn(&Transaction<'_>) -> Result<()>>,
    pub change: &'static str,
}

/// The kinds, in the order of their changes: a user is removed only after the sites that refer to them.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        needs: Needs::Related,
        said: "select 'the password of ' || now.username
               from main.users as was join present.users as now using (id, created_at)
               where was.password <> now.password
               union all
               select 'the second factor of ' || now.username
               from main.users as was join present.users as now using (id, created_at)
               where was.second_factor is not now.second_factor
               union all
               select now.username || iif(now.disabled_at is null, ' may sign in', ' is disabled')
               from main.users as was join present.users as now using (id, created_at)
               where (was.disabled_at is null) <> (now.disabled_at is null)",
        first: None,
        change: "update main.users
                 set (password, disabled_at, second_factor, second_factor_step) = (
                   select password, disabled_at, second_factor, second_factor_step
                   from present.users as now where now.id = users.id)
                 where exists (
                   select 1 from present.users as now
                   where now.id = users.id and now.created_at = users.created_at);
                 delete from main.recovery_codes where user_id in (select id from present.users);
                 insert into main.recovery_codes (user_id, code_hash)
                 select user_id, code_hash from present.recovery_codes where user_id in (select id from main.users)",
    },
    Kind {
        needs: Needs::Later,
        said: "select 'the name and the address of ' || now.username
               from main.users as was join present.users as now using (id, created_at)
               where was.username <> now.username or was.email <> now.email or was.email_proved <> now.email_proved",
        first: Some(carry_accounts),
        change: "",
    },
    Kind {
        needs: Needs::Related,
        said: "select 'the keys of ' || now.domain || ' (site ' || id || ')'
               from main.sites as was join present.sites as now using (id, created_at)
               where was.site_key <> now.site_key or was.site_key_admin <> now.site_key_admin
               union all
               select 'what View Only people see of ' || now.domain || ' (site ' || id || ')'
               from main.sites as was join present.sites as now using (id, created_at)
               where was.view_only_reports is not now.view_only_reports
                 or was.view_only_data is not now.view_only_data
               union all
               select 'for how long visits of ' || now.domain || ' (site ' || id || ') are kept'
               from main.sites as was join present.sites as now using (id, created_at)
               where now.visits_kept_days < ifnull(was.visits_kept_days, 1e9)",
        first: None,
        change: "update main.sites
                 set (site_key, site_key_admin, admin_key_used_at, view_only_reports, view_only_data, visits_kept_days) = (
                   select site_key, site_key_admin, admin_key_used_at, view_only_reports, view_only_data,
                     iif(now.visits_kept_days < ifnull(sites.visits_kept_days, 1e9), now.visits_kept_days,
                       sites.visits_kept_days)
                   from present.sites as now where now.id = sites.id)
                 where exists (
                   select 1 from present.sites as now
                   where now.id = sites.id and now.created_at = sites.created_at);
                 delete from main.key_uses
                 where site_id in (select id from main.sites join present.sites as now using (id, created_at));
                 insert into main.key_uses (site_id, used_at, address, user_agent)
                 select site_id, used_at, address, user_agent
                 from present.key_uses
                 where site_id in (select id from main.sites join present.sites as now using (id, created_at))",
    },
    Kind {
        needs: Needs::Later,
        said: "select now.domain || ' (site ' || now.id || ') belongs to ' || owner.username
               from main.sites as was join present.sites as now using (id, created_at)
               join present.users as owner on owner.id = now.owner_id
               where was.owner_id <> now.owner_id",
        first: Some(bring_owners),
        change: "update main.sites
                 set owner_id = (select owner_id from present.sites as now where now.id = sites.id)
                 where id in (select id from present.sites)",
    },
    Kind {
        needs: Needs::Related,
        said: "select now.username || ' is ' || iif(now.parent_id is null, 'nobody''s sub-account',
                 'a sub-account of ' || (select username from present.users where id = now.parent_id))
               from main.users as was join present.users as now using (id, created_at)
               where was.parent_id is not now.parent_id",
        first: None,
        change: "update main.users
                 set parent_id = (
                   select parent_id from present.users as now
                   where now.id = users.id and now.parent_id in (select id from main.users))
                 where id in (select id from present.users)",
    },
    Kind {
        needs: Needs::Later,
        said: "select username || ' is removed' from main.users where id not in (select id from present.users)",
        first: Some(remove_sites_of_removed),
        change: "delete from main.users where id not in (select id from present.users)",
    },
    Kind {
        needs: Needs::Later,
        said: "select users.username || ' does not see ' || sites.domain || ' (site ' || sites.id || ')'
               from main.shares join main.users on users.id = shares.user_id
               join main.sites on sites.id = shares.site_id
               where users.id in (select id from present.users) and sites.id in (select id from present.sites)
                 and (shares.site_id, shares.user_id) not in (select site_id, user_id from present.shares)",
        first: None,
        change: "delete from main.shares
                 where (site_id, user_id) not in (select site_id, user_id from present.shares)",
    },
    Kind {
        needs: Needs::Related,
        said: "select users.username || ' sees ' || sites.domain || ' (site ' || sites.id || ') as ' || now.level
               from main.shares as was join present.shares as now using (site_id, user_id)
               join present.users on users.id = user_id join present.sites on sites.id = site_id
               where was.level <> now.level or was.sees_billing <> now.sees_billing
                 or was.view_only_reports is not now.view_only_reports
                 or was.view_only_data is not now.view_only_data",
        first: None,
        change: "update main.shares
                 set (level, sees_billing, view_only_reports, view_only_data) = (
                   select level, sees_billing, view_only_reports, view_only_data from present.shares as now
                   where now.site_id = shares.site_id and now.user_id = shares.user_id)
                 where (site_id, user_id) in (select site_id, user_id from present.shares)",
    },
    Kind {
        needs: Needs::Later,
        said: "select 'the guest link “' || links.name || '” of ' || sites.domain || ' (site ' || sites.id || ') is gone'
               from main.links join main.sites on sites.id = links.site_id
               where sites.id in (select id from present.sites) and links.id not in (select id from present.links)",
        // The links of a restored site come back disabled, until a user enables them.
        first: None,
        change: "delete from main.links
                 where id not in (select id from present.links) and site_id in (select id from present.sites);
                 update main.links set disabled_at = ifnull(disabled_at, :now)
                 where site_id not in (select id from present.sites)",
    },
    Kind {
        needs: Needs::Related,
        said: "select 'the guest link “' || now.name || '” of ' || sites.domain || ' (site ' || sites.id || ')'
               from main.links as was join present.links as now using (id, created_at)
               join present.sites on sites.id = now.site_id
               where was.token <> now.token or was.password is not now.password
                 or was.disabled_at is not now.disabled_at or was.expires_at is not now.expires_at
                 or was.reports <> now.reports or was.visitor_data <> now.visitor_data
                 or was.embed_origins <> now.embed_origins or was.segment is not now.segment",
        first: None,
        change: "update main.links
                 set (token, name, password, disabled_at, expires_at, reports, visitor_data, embed_origins, segment) = (
                   select token, name, password, disabled_at, expires_at, reports, visitor_data, embed_origins, segment
                   from present.links as now where now.id = links.id)
                 where exists (
                   select 1 from present.links as now
                   where now.id = links.id and now.created_at = links.created_at)",
    },
    Kind {
        needs: Needs::Later,
        said: "select 'the token “' || tokens.name || '” of ' || present.users.username || ' is gone'
               from main.tokens join present.users on present.users.id = tokens.user_id
               where tokens.id not in (select id from present.tokens)",
        first: None,
        change: "delete from main.tokens where id not in (select id from present.tokens)",
    },
    Kind {
        // Tokens are not changed: they differ in their last use, and in sites that were deleted since.
        needs: Needs::Related,
        said: "select 'the token “' || now.name || '” of ' || users.username
               from main.tokens as was join present.tokens as now using (id, created_at)
               join present.users on users.id = now.user_id
               where was.token_hash <> now.token_hash or was.may_write <> now.may_write
                 or was.has_all_sites <> now.has_all_sites or was.expires_at is not now.expires_at",
        first: None,
        change: "update main.tokens
                 set (token_hash, name, may_write, has_all_sites, expires_at, used_at, used_from, used_by) = (
                   select token_hash, name, may_write, has_all_sites, expires_at, used_at, used_from, used_by
                   from present.tokens as now where now.id = tokens.id)
                 where exists (
                   select 1 from present.tokens as now
                   where now.id = tokens.id and now.created_at = tokens.created_at);
                 delete from main.token_sites
                 where token_id in (select id from main.tokens join present.tokens as now using (id, created_at))
                   and (token_id, site_id) not in (select token_id, site_id from present.token_sites)",
    },
    Kind {
        needs: Needs::Later,
        said: "select 'the invitation of ' || email || ' to ' || sites.domain || ' (site ' || sites.id || ') is over'
               from main.invitations join main.sites on sites.id = invitations.site_id
               where sites.id in (select id from present.sites)
                 and token_hash not in (select token_hash from present.invitations)
               union all
               select 'the offer of ' || sites.domain || ' (site ' || sites.id || ') to ' || offered_to || ' is over'
               from main.transfers join main.sites on sites.id = transfers.site_id
               where sites.id in (select id from present.sites)
                 and (site_id, offered_to, transfers.created_at)
                   not in (select site_id, offered_to, created_at from present.transfers)",
        first: None,
        change: "delete from main.invitations where token_hash not in (select token_hash from present.invitations);
                 delete from main.transfers
                 where (site_id, offered_to, created_at) not in (
                   select site_id, offered_to, created_at from present.transfers);
                 delete from main.email_confirmations where token_hash not in (select token_hash from present.email_confirmations)",
    },
    Kind {
        // Data of visitors that was taken away stays away.
        needs: Needs::Later,
        said: "select count(*) || ' annotations of visitors of ' || sites.domain || ' (site ' || sites.id || ') are gone'
               from main.visitor_notes join main.sites on sites.id = visitor_notes.site_id
               where sites.id in (select id from present.sites)
                 and (site_id, visitor_id) not in (select site_id, visitor_id from present.visitor_notes)
               group by sites.id",
        first: None,
        change: "delete from main.visitor_notes
                 where site_id in (select id from present.sites)
                   and (site_id, visitor_id) not in (select site_id, visitor_id from present.visitor_notes)",
    },
    Kind {
        // Webhooks that were removed get nothing, and messages that were sent since the backup are not sent again.
        needs: Needs::Later,
        said: "select 'the webhook “' || webhooks.name || '” of ' || sites.domain || ' (site ' || sites.id || ') is gone'
               from main.webhooks join main.sites on sites.id = webhooks.site_id
               where sites.id in (select id from present.sites)
                 and webhooks.id not in (select id from present.webhooks)",
        first: None,
        change: "delete from main.webhooks
                 where id not in (select id from present.webhooks) and site_id in (select id from present.sites);
                 update main.webhooks set is_paused = 1 where site_id not in (select id from present.sites);
                 update main.webhooks
                 set (name, format, url, secret, old_secret, old_secret_until, is_paused) = (
                   select name, format, url, secret, old_secret, old_secret_until, is_paused
                   from present.webhooks as now where now.id = webhooks.id)
                 where id in (select id from present.webhooks);
                 delete from main.webhook_deliveries
                 where due_at is not null
                   and id not in (select id from present.webhook_deliveries where due_at is not null)",
    },
    Kind {
        // Letters that were sent since the backup are not sent again, and those that people ended stay ended.
        needs: Needs::Later,
        said: "select '' where false",
        first: None,
        change: "delete from main.outbox where id not in (select id from present.outbox);
                 update main.unsubscribes
                 set ended_at = (select ended_at from present.unsubscribes as now where now.token = unsubscribes.token)
                 where kind <> 'digest' and token in (select token from present.unsubscribes)",
    },
    Kind {
        // Closed months stay as they were billed: the backup's visits would add up to less.
        needs: Needs::Related,
        said: "select 'the statement of ' || users.username || ' for ' || (month / 12) || '-' || substr('0' || (month % 12 + 1), -2)
               from present.statements join present.users on users.id = user_id
               where user_id in (select id from main.users)
                 and (user_id, month) not in (select user_id, month from main.statements)",
        first: None,
        change: "insert or ignore into main.statements (
                   user_id, month, plan, price, currency, actions_max, contact, closed_at)
                 select user_id, month, plan, price, currency, actions_max, contact, closed_at
                 from present.statements where user_id in (select id from main.users);
                 insert or ignore into main.statement_lines (user_id, month, site_id, domain, actions)
                 select user_id, month, site_id, domain, actions
                 from present.statement_lines
                 where user_id in (select id from main.users)",
    },
    Kind {
        needs: Needs::Later,
        said: "select 'the ' || rhythm || ' e-mail report to ' || ifnull(recipient, username) || ' is removed'
               from main.digests left join main.users on users.id = user_id
               where digests.id not in (select id from present.digests)
               union all
               select 'the letters about “' || title || '” have ended'
               from present.unsubscribes as now
               where kind = 'digest' and ended_at is not null and item_id in (select id from main.digests)
                 and not exists (
                   select 1 from main.unsubscribes as was where was.token = now.token and was.ended_at is not null)",
        first: None,
        change: "delete from main.digests where id not in (select id from present.digests);
                 delete from main.unsubscribes where kind = 'digest';
                 insert into main.unsubscribes (token, kind, item_id, user_id, site_id, title, created_at, ended_at)
                 select token, kind, item_id, user_id, site_id, title, created_at, ended_at
                 from present.unsubscribes
                 where kind = 'digest' and item_id in (select id from main.digests)
                   and (user_id is null or user_id in (select id from main.users))
                   and (site_id is null or site_id in (select id from main.sites));
                 insert or ignore into main.digest_periods (digest_id, last_day, first_day, sent_at)
                 select digest_id, last_day, first_day, sent_at from present.digest_periods
                 where digest_id in (select id from main.digests)",
    },
];

/// Carries over the accounts as they are now, except the users' preferences and the operator's limits.
fn carry_accounts(transaction: &Transaction<'_>) -> Result<()> {
    let columns = texts(
        transaction,
        "select '\"' || name || '\"' from pragma_table_info('users')
         where name not in ('id', 'created_at', 'signed_in_at', 'theme', 'start_page', 'panels', 'sites_max', 'parent_id')",
    )?
    .join(", ");
    // Two users may have swapped their names.
    transaction.execute("update main.users set username = '#' || id, email = '#' || id", [])?;
    transaction.execute(
        &format!(
            "update main.users
             set ({columns}) = (select {columns} from present.users as now where now.id = users.id)
             where id in (select id from present.users)"
        ),
        [],
    )?;
    Ok(())
}

/// Adds the users created after the backup who now own a site that is in it. Their parent accounts are set later.
fn bring_owners(transaction: &Transaction<'_>) -> Result<()> {
    let columns = texts(
        transaction,
        "select '\"' || name || '\"' from pragma_table_info('users') where name <> 'parent_id'",
    )?;
    let columns = columns.join(", ");
    transaction.execute(
        &format!(
            "insert into main.users ({columns})
             select {columns} from present.users
             where id not in (select id from main.users)
               and id in (select owner_id from present.sites where id in (select id from main.sites))"
        ),
        [],
    )?;
    transaction.execute(
        "insert or ignore into main.recovery_codes (user_id, code_hash)
         select user_id, code_hash from present.recovery_codes where user_id in (select id from main.users)",
        [],
    )?;
    Ok(())
}

/// Deletes the sites of removed accounts, which their owners gave up as well.
fn remove_sites_of_removed(transaction: &Transaction<'_>) -> Result<()> {
    let mut question = transaction
        .prepare("select id from main.sites where owner_id not in (select id from present.users)")?;
    let going: Vec<i64> = question.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    going.into_iter().try_for_each(|site| site_deletion::delete(transaction, SiteId(site)))
}

/// Lists the texts that a query returns.
pub(super) fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut question = connection.prepare(sql)?;
    let rows = question.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
