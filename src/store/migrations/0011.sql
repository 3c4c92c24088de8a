-- To version 11: tables and columns get the names that the field has for them. No row is rewritten: SQLite renames in
-- the schema alone, and the two tables whose indexes are made anew hold a few links each.

alter table stretches rename to block_ranges;
alter table sites rename column edition to generation;
alter table totals rename to rollups;
alter table rollups rename column within to parent;
alter table rollups rename column beside to subtitle;
alter table sources rename column medium to channel;
alter table machines rename column hardware to device_type;
alter table visits rename column traits to flags;
alter table resets rename to password_resets;
drop index resets_by_user;
create index password_resets_by_user on password_resets (user_id);
alter table proofs rename to email_confirmations;
drop index proofs_by_user;
create index email_confirmations_by_user on email_confirmations (user_id);
