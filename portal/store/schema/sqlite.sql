-- What the migrations up to 0024_quicker_checks make. Written by a program: python -m bench.schema_files
CREATE TABLE "tortoise_migrations" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "app" VARCHAR(255) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "applied_at" TIMESTAMP NOT NULL,
    CONSTRAINT "uid_tortoise_mi_app_3803a5" UNIQUE ("app", "name")
);
CREATE TABLE "attempt" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key" VARCHAR(100) NOT NULL,
    "span_start" TIMESTAMP NOT NULL,
    "tries" INT NOT NULL,
    CONSTRAINT "uid_attempt_key_13036b" UNIQUE ("key", "span_start")
);
CREATE TABLE "event" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "action" VARCHAR(64) NOT NULL,
    "actor" VARCHAR(64) NOT NULL,
    "received_at" TIMESTAMP NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "member_id" BIGINT,
    "policy_id" BIGINT,
    "version_id" BIGINT,
    "facts" JSON NOT NULL
);
CREATE TABLE "member" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "external_id" VARCHAR(200) NOT NULL UNIQUE,
    "language" VARCHAR(16) NOT NULL,
    "zone" VARCHAR(64),
    "link_epoch" INT NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL
);
CREATE TABLE "address" (
    "received_at" TIMESTAMP NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "address" VARCHAR(320) NOT NULL,
    "digest" VARCHAR(80) NOT NULL,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT
);
CREATE TABLE "member_session" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "token_digest" VARCHAR(80) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "ended_at" TIMESTAMP,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT
);
CREATE TABLE "policy" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "slug" VARCHAR(64) NOT NULL UNIQUE,
    "title" VARCHAR(200) NOT NULL,
    "language" VARCHAR(16) NOT NULL,
    "terms" JSON NOT NULL,
    "treatments" JSON NOT NULL,
    "told_of" JSON NOT NULL,
    "created_at" TIMESTAMP NOT NULL
);
CREATE TABLE "membership" (
    "received_at" TIMESTAMP NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "joined_at" TIMESTAMP NOT NULL,
    "joined_on" INT NOT NULL,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT,
    "policy_id" BIGINT NOT NULL REFERENCES "policy" ("id") ON DELETE RESTRICT
);
CREATE TABLE "profile" (
    "received_at" TIMESTAMP NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(300) NOT NULL,
    "language" VARCHAR(16) NOT NULL,
    "zone" VARCHAR(64),
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT
);
CREATE TABLE "purpose" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key" VARCHAR(64) NOT NULL UNIQUE,
    "title" VARCHAR(200) NOT NULL,
    "about" TEXT NOT NULL
);
CREATE TABLE "remark" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "text" TEXT NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT
);
CREATE TABLE "staff" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "email" VARCHAR(320) NOT NULL UNIQUE,
    "name" VARCHAR(200) NOT NULL,
    "password" VARCHAR(200) NOT NULL,
    "roles" JSON NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "disabled_at" TIMESTAMP
);
CREATE TABLE "api_token" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "token_digest" VARCHAR(80) NOT NULL UNIQUE,
    "created_at" TIMESTAMP NOT NULL,
    "ended_at" TIMESTAMP,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
, "scopes" VARCHAR(200) NOT NULL DEFAULT 'terms:read');
CREATE TABLE "draft" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "base" INT NOT NULL,
    "language" VARCHAR(16) NOT NULL,
    "text" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "terms" JSON NOT NULL,
    "treatments" JSON NOT NULL,
    "told_of" JSON NOT NULL,
    "comparison" JSON,
    "digest" VARCHAR(80) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "edited_at" TIMESTAMP NOT NULL,
    "published_as" INT,
    "dropped_at" TIMESTAMP,
    "author_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT,
    "policy_id" BIGINT NOT NULL REFERENCES "policy" ("id") ON DELETE RESTRICT
);
CREATE TABLE "approval" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "digest" VARCHAR(80) NOT NULL,
    "approved_at" TIMESTAMP NOT NULL,
    "draft_id" BIGINT NOT NULL REFERENCES "draft" ("id") ON DELETE RESTRICT,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE TABLE "draft_classification" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "change_key" VARCHAR(64) NOT NULL,
    "purposes" JSON NOT NULL,
    "reason" TEXT NOT NULL,
    "classified_at" TIMESTAMP NOT NULL,
    "draft_id" BIGINT NOT NULL REFERENCES "draft" ("id") ON DELETE RESTRICT,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE TABLE "draft_editor" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "first_at" TIMESTAMP NOT NULL,
    "draft_id" BIGINT NOT NULL REFERENCES "draft" ("id") ON DELETE RESTRICT,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE TABLE "draft_translation" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "language" VARCHAR(16) NOT NULL,
    "text" TEXT NOT NULL,
    "draft_id" BIGINT NOT NULL REFERENCES "draft" ("id") ON DELETE RESTRICT
);
CREATE TABLE "outgoing_mail" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "kind" VARCHAR(16) NOT NULL  /* RECEIPT: receipt\nWITHDRAWAL: withdrawal\nCODE: code\nSIGN_IN: sign_in\nCLOSED: closed\nPROOF: proof */,
    "about" JSON NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "owner" VARCHAR(64),
    "lease_until" TIMESTAMP,
    "next_attempt_at" TIMESTAMP NOT NULL,
    "attempts" INT NOT NULL,
    "message_id" VARCHAR(200) NOT NULL,
    "reply" TEXT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "accepted_at" TIMESTAMP,
    "address_id" BIGINT REFERENCES "address" ("id") ON DELETE RESTRICT,
    "member_id" BIGINT REFERENCES "member" ("id") ON DELETE RESTRICT,
    "staff_id" BIGINT REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE TABLE "staff_session" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "token_digest" VARCHAR(80) NOT NULL UNIQUE,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "ended_at" TIMESTAMP,
    "staff_id" BIGINT NOT NULL REFERENCES "staff" ("id") ON DELETE RESTRICT
);
CREATE TABLE "change" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key" VARCHAR(64) NOT NULL,
    "ordinal" INT NOT NULL,
    "engine" VARCHAR(16) NOT NULL,
    "record" JSON NOT NULL,
    "version_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT
);
CREATE TABLE "classification" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "purposes" JSON NOT NULL,
    "reason" TEXT NOT NULL,
    "change_id" BIGINT NOT NULL REFERENCES "change" ("id") ON DELETE RESTRICT
);
CREATE TABLE "consent" (
    "received_at" TIMESTAMP NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "purpose" VARCHAR(64) NOT NULL,
    "way" VARCHAR(16) NOT NULL  /* LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply */,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT,
    "version_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT
);
CREATE TABLE "closure" (
    "received_at" TIMESTAMP NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "staff_id" BIGINT,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT,
    "objection_id" BIGINT REFERENCES "objection" ("id") ON DELETE RESTRICT,
    "remark_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT
);
CREATE TABLE "objected_change" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "change_id" BIGINT NOT NULL REFERENCES "change" ("id") ON DELETE RESTRICT,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT,
    "objection_id" BIGINT NOT NULL REFERENCES "objection" ("id") ON DELETE RESTRICT
);
CREATE TABLE "one_time_code" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "used_at" TIMESTAMP,
    "tries" INT NOT NULL,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT,
    "objection_id" BIGINT REFERENCES "objection" ("id") ON DELETE RESTRICT
, "declaration_id" BIGINT REFERENCES "declaration" ("id") ON DELETE RESTRICT);
CREATE TABLE "bounce" (
    "received_at" TIMESTAMP NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "named" INT NOT NULL,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT,
    "notice_id" BIGINT NOT NULL REFERENCES "notice" ("id") ON DELETE RESTRICT,
    "remark_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT,
    "sending_id" BIGINT NOT NULL REFERENCES "sending" ("id") ON DELETE RESTRICT
);
CREATE TABLE "refusal" (
    "received_at" TIMESTAMP NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "code" VARCHAR(32) NOT NULL,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT,
    "notice_id" BIGINT NOT NULL REFERENCES "notice" ("id") ON DELETE RESTRICT,
    "sending_id" BIGINT REFERENCES "sending" ("id") ON DELETE RESTRICT
);
CREATE TABLE "settlement" (
    "received_at" TIMESTAMP NOT NULL,
    "recorded_at" TIMESTAMP NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "staff_id" BIGINT,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT,
    "objection_id" BIGINT NOT NULL REFERENCES "objection" ("id") ON DELETE RESTRICT,
    "remark_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT
);
CREATE TABLE "version_text" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "language" VARCHAR(16) NOT NULL,
    "text" TEXT NOT NULL,
    "digest" VARCHAR(80) NOT NULL,
    "authoritative" INT NOT NULL,
    "version_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT
);
CREATE TABLE "confirmation" ("received_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "sequence" BIGINT NOT NULL, "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "objection_id" BIGINT NOT NULL REFERENCES "objection" ("id") ON DELETE RESTRICT, "way" VARCHAR(16) NOT NULL, "staff_id" BIGINT, "remark_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT, CONSTRAINT "confirmation_way_known" CHECK (way IN ('code', 'sign_in', 'ops')));
CREATE TABLE "notice" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "version_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT, "state" VARCHAR(16) NOT NULL, "owner" VARCHAR(64), "lease_until" TIMESTAMP, "next_attempt_at" TIMESTAMP, "effective_at" TIMESTAMP, "opens_at" TIMESTAMP, "closes_at" TIMESTAMP, "counted" JSON, "recorded_at" TIMESTAMP NOT NULL, CONSTRAINT "notice_window_in_order" CHECK (closes_at IS NULL OR closes_at > opens_at), CONSTRAINT "notice_opens_in_effect" CHECK (opens_at IS NULL OR opens_at >= effective_at), CONSTRAINT "notice_state_known" CHECK (state = 'posted' OR state = 'queued' OR state = 'sending' OR state = 'accepted' OR state = 'deferred' OR state = 'failed' OR state = 'unknown' OR state = 'refused'));
CREATE TABLE "objection" ("received_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "sequence" BIGINT NOT NULL, "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "version_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT, "number" VARCHAR(32) NOT NULL, "closing" INT NOT NULL, "way" VARCHAR(16) NOT NULL, "staff_id" BIGINT, "remark_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT, "withdrawn_at" TIMESTAMP, "withdrawn_recorded_at" TIMESTAMP, "withdrawn_sequence" BIGINT, "amends_id" BIGINT REFERENCES "objection" ("id") ON DELETE RESTRICT, "restores_id" BIGINT REFERENCES "objection" ("id") ON DELETE RESTRICT, CONSTRAINT "objection_withdrawn_whole" CHECK ((withdrawn_at IS NULL) = (withdrawn_recorded_at IS NULL)), CONSTRAINT "objection_way_known" CHECK (way IN ('link', 'account', 'letter', 'call', 'reply', 'in_person', 'email')));
CREATE TABLE "opt_out" ("received_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "sequence" BIGINT NOT NULL, "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "purpose" VARCHAR(64) NOT NULL, "direction" VARCHAR(8) NOT NULL, "way" VARCHAR(16) NOT NULL, CONSTRAINT "opt_out_direction_known" CHECK (direction IN ('out', 'in')));
CREATE TABLE "sending" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "notice_id" BIGINT NOT NULL REFERENCES "notice" ("id") ON DELETE RESTRICT, "number" INT NOT NULL, "address_id" BIGINT NOT NULL REFERENCES "address" ("id") ON DELETE RESTRICT, "message_id" VARCHAR(200) NOT NULL, "digest" VARCHAR(80), "state" VARCHAR(16) NOT NULL, "attempts" INT NOT NULL, "started_at" TIMESTAMP NOT NULL, "accepted_at" TIMESTAMP, "recorded_at" TIMESTAMP, "sequence" BIGINT, "reply" TEXT NOT NULL, CONSTRAINT "sending_number_positive" CHECK (number > 0), CONSTRAINT "sending_state_known" CHECK (state = 'sending' OR state = 'accepted' OR state = 'deferred' OR state = 'failed' OR state = 'unknown' OR state = 'refused'), CONSTRAINT "sending_accepted_whole" CHECK ((state = 'accepted') = (accepted_at IS NOT NULL)));
CREATE TABLE "sight" ("received_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "sequence" BIGINT NOT NULL, "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "notice_id" BIGINT NOT NULL REFERENCES "notice" ("id") ON DELETE RESTRICT, "way" VARCHAR(16) NOT NULL, "staff_id" BIGINT, "remark_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT, CONSTRAINT "sight_way_known" CHECK (way IN ('account', 'letter', 'in_person')));
CREATE TABLE "version" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "policy_id" BIGINT NOT NULL REFERENCES "policy" ("id") ON DELETE RESTRICT, "number" INT NOT NULL, "language" VARCHAR(16) NOT NULL, "digest" VARCHAR(80) NOT NULL, "summary" TEXT NOT NULL, "posted_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "terms" JSON NOT NULL, "treatments" JSON NOT NULL, "told_of" JSON NOT NULL, "comparison" JSON, "author" VARCHAR(200) NOT NULL, "approver" VARCHAR(200) NOT NULL, "author_id" BIGINT, "approver_id" BIGINT, "draft_id" BIGINT, "mailed" INT NOT NULL, CONSTRAINT "version_number_positive" CHECK (number > 0));
CREATE TABLE "stored_comparison" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "engine" VARCHAR(16) NOT NULL,
    "record" JSON NOT NULL,
    "made_at" TIMESTAMP NOT NULL,
    "newer_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT,
    "older_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT
);
CREATE TABLE "returned_content" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "sender" VARCHAR(320) NOT NULL,
    "subject" VARCHAR(300) NOT NULL,
    "recipient" VARCHAR(320) NOT NULL,
    "note" TEXT NOT NULL,
    "content" BLOB NOT NULL,
    "returned_id" BIGINT NOT NULL REFERENCES "returned_mail" ("id") ON DELETE RESTRICT
);
CREATE TABLE "returned_mail" ("received_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "sequence" BIGINT NOT NULL, "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "kind" VARCHAR(16) NOT NULL, "hard" INT NOT NULL, "status" VARCHAR(16) NOT NULL, "reason" VARCHAR(300) NOT NULL, "digest" VARCHAR(80) NOT NULL UNIQUE, "size" BIGINT NOT NULL, "handled_at" TIMESTAMP, "handled_as" VARCHAR(16), "staff_id" BIGINT, "erased_at" TIMESTAMP, "erased_by" BIGINT, "erased_why" VARCHAR(600) NOT NULL DEFAULT '', CONSTRAINT "returned_mail_kind_known" CHECK (kind IN ('bounce', 'mail_bounce', 'unknown_bounce', 'delayed', 'delivered', 'complaint', 'auto_reply', 'letter')), CONSTRAINT "returned_mail_handled_as_known" CHECK (handled_as IN ('recorded', 'ignored', 'noted', 'bounce')), CONSTRAINT "returned_mail_handled_whole" CHECK ((handled_at IS NULL) = (handled_as IS NULL)));
CREATE TABLE "returned_match" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT REFERENCES "member" ("id") ON DELETE RESTRICT, "returned_id" BIGINT NOT NULL REFERENCES "returned_mail" ("id") ON DELETE RESTRICT, "sending_id" BIGINT REFERENCES "sending" ("id") ON DELETE RESTRICT, "mail_id" BIGINT REFERENCES "outgoing_mail" ("id") ON DELETE RESTRICT, "matched_by" VARCHAR(16) NOT NULL, "recorded_at" TIMESTAMP NOT NULL, CONSTRAINT "returned_match_by_known" CHECK (matched_by IN ('return_path', 'message_id', 'ops')), CONSTRAINT "returned_match_of_one" CHECK ((sending_id IS NULL) <> (mail_id IS NULL)));
CREATE TABLE "campaign_hold" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "version_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT, "held_at" TIMESTAMP NOT NULL, "held_by" VARCHAR(64) NOT NULL, "reason" VARCHAR(600) NOT NULL, "lifted_at" TIMESTAMP, "lifted_by" VARCHAR(64), CONSTRAINT "campaign_hold_lifted_whole" CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)), CONSTRAINT "campaign_hold_in_order" CHECK (lifted_at IS NULL OR lifted_at >= held_at));
CREATE TABLE "mail_domain" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "domain" VARCHAR(255) NOT NULL, "spent_until" TIMESTAMP, "paused_at" TIMESTAMP, "paused_until" TIMESTAMP, "reply" TEXT NOT NULL, CONSTRAINT "mail_domain_paused_whole" CHECK ((paused_at IS NULL) = (paused_until IS NULL)), CONSTRAINT "mail_domain_paused_in_order" CHECK (paused_until IS NULL OR paused_until > paused_at));
CREATE TABLE "put_off_notice" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "domain_id" BIGINT NOT NULL REFERENCES "mail_domain" ("id") ON DELETE RESTRICT,
    "notice_id" BIGINT NOT NULL REFERENCES "notice" ("id") ON DELETE RESTRICT
);
CREATE TABLE "declaration" ("received_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "sequence" BIGINT NOT NULL, "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "version_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT, "number" VARCHAR(32) NOT NULL, "kind" VARCHAR(16) NOT NULL, "objection_id" BIGINT REFERENCES "objection" ("id") ON DELETE RESTRICT, "purpose" VARCHAR(64) NOT NULL, "way" VARCHAR(16) NOT NULL, "decided_at" TIMESTAMP, "decided_as" VARCHAR(16), "decided_sequence" BIGINT, "confirmed_by" VARCHAR(16), "staff_id" BIGINT, "remark_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT, CONSTRAINT "declaration_of_one_thing" CHECK (kind IN ('consent', 'opt_in', 'withdrawal', 'objection') AND way IN ('link', 'account', 'letter', 'call', 'reply', 'in_person', 'email') AND (kind = 'withdrawal') = (objection_id IS NOT NULL) AND (kind IN ('withdrawal', 'objection')) = (purpose = '')), CONSTRAINT "declaration_decided_whole" CHECK ((decided_at IS NULL AND decided_as IS NULL AND decided_sequence IS NULL AND confirmed_by IS NULL) OR (decided_at IS NOT NULL AND decided_as IS NOT NULL AND decided_sequence IS NOT NULL AND decided_as IN ('confirmed', 'dropped', 'rejected', 'overtaken') AND (decided_as = 'confirmed') = (confirmed_by IS NOT NULL) AND COALESCE(confirmed_by, 'code') IN ('code', 'sign_in', 'ops'))));
CREATE TABLE "address_change" ("received_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "sequence" BIGINT NOT NULL, "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "address" VARCHAR(320) NOT NULL, "digest" VARCHAR(80) NOT NULL, "old_address_id" BIGINT REFERENCES "address" ("id") ON DELETE RESTRICT, "expires_at" TIMESTAMP NOT NULL, "new_confirmed_at" TIMESTAMP, "old_confirmed_at" TIMESTAMP, "handed_at" TIMESTAMP, "ended_at" TIMESTAMP, "ended_as" VARCHAR(16), CONSTRAINT "address_change_ended_whole" CHECK ((ended_at IS NULL) = (ended_as IS NULL)), CONSTRAINT "address_change_end_known" CHECK (ended_as IN ('confirmed', 'cancelled', 'disowned', 'refused', 'replaced')), CONSTRAINT "address_change_confirmed_at_both" CHECK (ended_as IS NULL OR ended_as <> 'confirmed' OR (new_confirmed_at IS NOT NULL AND (old_address_id IS NULL OR old_confirmed_at IS NOT NULL))));
CREATE TABLE "member_request" ("received_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "sequence" BIGINT NOT NULL, "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "number" VARCHAR(32) NOT NULL, "kind" VARCHAR(16) NOT NULL, "way" VARCHAR(16) NOT NULL, "staff_id" BIGINT, "remark_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT, "change_id" BIGINT REFERENCES "address_change" ("id") ON DELETE RESTRICT, "due_at" TIMESTAMP NOT NULL, "extended_at" TIMESTAMP, "extension_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT, "ended_at" TIMESTAMP, "ended_as" VARCHAR(16), "ended_by" BIGINT, "answer_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT, CONSTRAINT "member_request_kind_known" CHECK (kind IN ('closing', 'export', 'access', 'address')), CONSTRAINT "member_request_way_known" CHECK (way IN ('link', 'account', 'letter', 'call', 'reply', 'in_person', 'email')), CONSTRAINT "member_request_end_known" CHECK (ended_as IN ('answered', 'refused', 'withdrawn')), CONSTRAINT "member_request_ended_whole" CHECK ((ended_at IS NULL) = (ended_as IS NULL)), CONSTRAINT "member_request_due_later" CHECK (due_at > received_at), CONSTRAINT "member_request_of_a_change" CHECK ((change_id IS NULL) = (kind <> 'address')));
CREATE TABLE "spent_token" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "digest" VARCHAR(80) NOT NULL UNIQUE,
    "expires_at" TIMESTAMP NOT NULL
);
CREATE TABLE "recipient_roll" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "version_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT, "members" BIGINT NOT NULL, "last_notice_id" BIGINT NOT NULL, "digest" VARCHAR(80) NOT NULL, "recorded_at" TIMESTAMP NOT NULL, CONSTRAINT "recipient_roll_number_known" CHECK (members >= 0), CONSTRAINT "recipient_roll_ends" CHECK ((members = 0) = (last_notice_id = 0)));
CREATE TABLE "reply" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "returned_id" BIGINT NOT NULL REFERENCES "returned_mail" ("id") ON DELETE RESTRICT, "version_id" BIGINT NOT NULL REFERENCES "version" ("id") ON DELETE RESTRICT, "objection_id" BIGINT REFERENCES "objection" ("id") ON DELETE RESTRICT, "declaration_id" BIGINT REFERENCES "declaration" ("id") ON DELETE RESTRICT, "refusal" VARCHAR(32) NOT NULL, "mail_id" BIGINT REFERENCES "outgoing_mail" ("id") ON DELETE RESTRICT, "recorded_at" TIMESTAMP NOT NULL, CONSTRAINT "reply_came_to_one" CHECK ((objection_id IS NULL OR declaration_id IS NULL) AND (refusal <> '') = (objection_id IS NULL AND declaration_id IS NULL) AND (mail_id IS NULL OR refusal <> '')));
CREATE TABLE "submitted_piece" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "ordinal" INT NOT NULL,
    "content" BLOB NOT NULL,
    "file_id" BIGINT NOT NULL REFERENCES "submitted_file" ("id") ON DELETE RESTRICT,
    "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT
);
CREATE TABLE "submission" ("received_at" TIMESTAMP NOT NULL, "recorded_at" TIMESTAMP NOT NULL, "sequence" BIGINT NOT NULL, "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "number" VARCHAR(32) NOT NULL, "kind" VARCHAR(16) NOT NULL, "way" VARCHAR(16) NOT NULL, "staff_id" BIGINT NOT NULL, "purpose" VARCHAR(64) NOT NULL, "objection_id" BIGINT REFERENCES "objection" ("id") ON DELETE RESTRICT, "declaration_id" BIGINT REFERENCES "declaration" ("id") ON DELETE RESTRICT, "request_id" BIGINT REFERENCES "member_request" ("id") ON DELETE RESTRICT, "representative_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT, "reference_id" BIGINT NOT NULL REFERENCES "remark" ("id") ON DELETE RESTRICT, "remark_id" BIGINT REFERENCES "remark" ("id") ON DELETE RESTRICT, CONSTRAINT "submission_kind_known" CHECK (kind IN ('objection', 'withdrawal', 'opt_out', 'opt_in', 'consent', 'closing', 'export', 'access', 'confirmation')), CONSTRAINT "submission_way_known" CHECK (way IN ('letter', 'call', 'in_person', 'reply', 'email')), CONSTRAINT "submission_of_its_kind" CHECK ((kind IN ('objection', 'withdrawal') AND objection_id IS NOT NULL) OR (kind IN ('opt_out', 'opt_in') AND purpose <> '') OR (kind = 'consent' AND purpose <> '' AND declaration_id IS NOT NULL) OR (kind IN ('closing', 'export', 'access') AND request_id IS NOT NULL) OR (kind = 'confirmation' AND (objection_id IS NULL) <> (declaration_id IS NULL))), CONSTRAINT "submission_not_ahead" CHECK (received_at <= recorded_at));
CREATE TABLE "submitted_file" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "member_id" BIGINT NOT NULL REFERENCES "member" ("id") ON DELETE RESTRICT, "submission_id" BIGINT NOT NULL REFERENCES "submission" ("id") ON DELETE RESTRICT, "ordinal" INT NOT NULL, "name" VARCHAR(200) NOT NULL, "media_type" VARCHAR(32) NOT NULL, "size" BIGINT NOT NULL, "digest" VARCHAR(80) NOT NULL, "erased_at" TIMESTAMP, "erased_by" BIGINT, "erased_why" VARCHAR(600) NOT NULL, CONSTRAINT "submitted_file_type_known" CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg', 'image/tiff', 'text/plain', 'message/rfc822')), CONSTRAINT "submitted_file_few" CHECK (ordinal BETWEEN 1 AND 5), CONSTRAINT "submitted_file_small" CHECK (size BETWEEN 1 AND 10000000), CONSTRAINT "submitted_file_erased_whole" CHECK ((erased_at IS NULL AND erased_by IS NULL AND erased_why = '') OR (erased_at IS NOT NULL AND erased_by IS NOT NULL AND erased_why <> '' AND name = '')));
CREATE TABLE daybook (
    id INTEGER PRIMARY KEY NOT NULL,
    policy_id BIGINT NOT NULL REFERENCES policy (id) ON DELETE RESTRICT,
    version_id BIGINT NOT NULL REFERENCES version (id) ON DELETE RESTRICT,
    begun JSON NOT NULL,
    lease_until TIMESTAMP,
    accepted JSON NOT NULL,
    CONSTRAINT daybook_begun_listed CHECK (json_type(begun) = 'array'),
    CONSTRAINT daybook_begun_leased CHECK (lease_until IS NOT NULL OR begun = '[]'),
    CONSTRAINT daybook_accepted_listed CHECK (json_type(accepted) = 'array')
);
CREATE UNIQUE INDEX "approval_once" ON "approval" ("draft_id", "digest", "staff_id");
CREATE UNIQUE INDEX "bounce_once" ON "bounce" ("member_id", "sending_id");
CREATE UNIQUE INDEX "change_once" ON "change" ("version_id", "key");
CREATE UNIQUE INDEX "classification_once" ON "classification" ("change_id");
CREATE UNIQUE INDEX "closure_once" ON "closure" ("member_id");
CREATE UNIQUE INDEX "confirmation_once" ON "confirmation" ("member_id", "objection_id");
CREATE UNIQUE INDEX "consent_once" ON "consent" ("member_id", "version_id", "purpose");
CREATE UNIQUE INDEX "draft_classification_once" ON "draft_classification" ("draft_id", "change_key");
CREATE UNIQUE INDEX "draft_editor_once" ON "draft_editor" ("draft_id", "staff_id");
CREATE UNIQUE INDEX "draft_translation_once" ON "draft_translation" ("draft_id", "language");
CREATE UNIQUE INDEX "member_session_once" ON "member_session" ("member_id", "token_digest");
CREATE UNIQUE INDEX "membership_once" ON "membership" ("member_id", "policy_id");
CREATE UNIQUE INDEX "notice_once" ON "notice" ("member_id", "version_id");
CREATE UNIQUE INDEX "objected_once" ON "objected_change" ("member_id", "objection_id", "change_id");
CREATE UNIQUE INDEX "objection_number_once" ON "objection" ("member_id", "number");
CREATE UNIQUE INDEX "sending_once" ON "sending" ("member_id", "notice_id", "number");
CREATE UNIQUE INDEX "settlement_once" ON "settlement" ("member_id", "objection_id");
CREATE UNIQUE INDEX "version_once" ON "version" ("policy_id", "number");
CREATE UNIQUE INDEX "version_posted_once" ON "version" ("policy_id", "posted_at");
CREATE UNIQUE INDEX "version_text_once" ON "version_text" ("version_id", "language");
CREATE INDEX "event_of_member" ON "event" ("member_id", "id");
CREATE INDEX "membership_of_policy" ON "membership" ("policy_id", "joined_at");
CREATE INDEX "objection_of_version" ON "objection" ("version_id", "closing");
CREATE INDEX "opt_out_of_member" ON "opt_out" ("member_id", "purpose");
CREATE INDEX "outgoing_mail_due" ON "outgoing_mail" ("state", "next_attempt_at");
CREATE INDEX "refusal_of_notice" ON "refusal" ("member_id", "notice_id");
CREATE INDEX "sight_of_notice" ON "sight" ("member_id", "notice_id");
CREATE UNIQUE INDEX objection_one_in_force ON objection (member_id, version_id) WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX sight_in_account_once ON sight (member_id, notice_id) WHERE way = 'account';
CREATE UNIQUE INDEX version_text_one_authoritative ON version_text (version_id) WHERE authoritative;
CREATE UNIQUE INDEX draft_one_open ON draft (policy_id) WHERE published_as IS NULL AND dropped_at IS NULL;
CREATE INDEX "address_by_digest" ON "address" ("digest");
CREATE UNIQUE INDEX "stored_comparison_once" ON "stored_comparison" ("newer_id", "older_id", "engine");
CREATE UNIQUE INDEX "returned_match_once" ON "returned_match" ("member_id", "returned_id", "matched_by");
CREATE UNIQUE INDEX "returned_content_once" ON "returned_content" ("returned_id");
CREATE INDEX "returned_mail_waiting" ON "returned_mail" ("handled_at", "kind");
CREATE INDEX "returned_match_of" ON "returned_match" ("returned_id");
CREATE INDEX "outgoing_mail_by_message_id" ON "outgoing_mail" ("message_id");
CREATE UNIQUE INDEX campaign_hold_one ON campaign_hold (version_id) WHERE lifted_at IS NULL;
CREATE INDEX sending_accepted ON sending (accepted_at, notice_id) WHERE accepted_at IS NOT NULL;
CREATE INDEX "notice_in_order" ON "notice" ("version_id", "member_id");
CREATE UNIQUE INDEX "mail_domain_once" ON "mail_domain" ("domain");
CREATE UNIQUE INDEX "put_off_notice_once" ON "put_off_notice" ("notice_id");
CREATE INDEX "put_off_notice_in_order" ON "put_off_notice" ("domain_id", "id");
CREATE INDEX returned_mail_not_erased ON returned_mail (handled_at) WHERE erased_at IS NULL;
CREATE INDEX notice_due ON notice (version_id, member_id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX event_of_policy ON event (policy_id, id) WHERE member_id IS NULL;
CREATE UNIQUE INDEX "declaration_number_once" ON "declaration" ("member_id", "number");
CREATE INDEX "one_time_code_of_member" ON "one_time_code" ("member_id", "objection_id");
CREATE UNIQUE INDEX declaration_one_open ON declaration (member_id, version_id, kind, purpose) WHERE decided_at IS NULL;
CREATE UNIQUE INDEX "member_request_number_once" ON "member_request" ("member_id", "number");
CREATE INDEX "address_change_of_member" ON "address_change" ("member_id", "received_at");
CREATE INDEX "member_request_due" ON "member_request" ("ended_at", "due_at");
CREATE UNIQUE INDEX address_change_one ON address_change (member_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX member_request_one ON member_request (member_id, kind) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX "recipient_roll_once" ON "recipient_roll" ("version_id");
CREATE UNIQUE INDEX "reply_once" ON "reply" ("member_id", "returned_id");
CREATE INDEX "reply_of" ON "reply" ("returned_id");
CREATE UNIQUE INDEX reply_told_once ON reply (member_id, version_id) WHERE mail_id IS NOT NULL;
CREATE UNIQUE INDEX "submitted_file_once" ON "submitted_file" ("member_id", "submission_id", "ordinal");
CREATE UNIQUE INDEX "submitted_piece_once" ON "submitted_piece" ("member_id", "file_id", "ordinal");
CREATE INDEX "submission_of_member" ON "submission" ("member_id", "received_at");
CREATE INDEX "submission_of_objection" ON "submission" ("objection_id");
CREATE INDEX "address_of_member" ON "address" ("member_id", "received_at", "sequence");
CREATE INDEX "profile_of_member" ON "profile" ("member_id", "received_at", "sequence");
CREATE INDEX "notice_states" ON "notice" ("version_id", "state", "closes_at");
CREATE TRIGGER version_never_updated BEFORE UPDATE ON version WHEN 1 BEGIN SELECT RAISE(ABORT, 'a published version is never altered'); END;
CREATE TRIGGER version_never_deleted BEFORE DELETE ON version WHEN 1 BEGIN SELECT RAISE(ABORT, 'a published version is never altered'); END;
CREATE TRIGGER version_text_never_updated BEFORE UPDATE ON version_text WHEN 1 BEGIN SELECT RAISE(ABORT, 'a published text is never altered'); END;
CREATE TRIGGER version_text_never_deleted BEFORE DELETE ON version_text WHEN 1 BEGIN SELECT RAISE(ABORT, 'a published text is never altered'); END;
CREATE TRIGGER change_never_updated BEFORE UPDATE ON change WHEN 1 BEGIN SELECT RAISE(ABORT, 'a published change is never altered'); END;
CREATE TRIGGER change_never_deleted BEFORE DELETE ON change WHEN 1 BEGIN SELECT RAISE(ABORT, 'a published change is never altered'); END;
CREATE TRIGGER classification_never_updated BEFORE UPDATE ON classification WHEN 1 BEGIN SELECT RAISE(ABORT, 'a published classification is never altered'); END;
CREATE TRIGGER classification_never_deleted BEFORE DELETE ON classification WHEN 1 BEGIN SELECT RAISE(ABORT, 'a published classification is never altered'); END;
CREATE TRIGGER event_never_updated BEFORE UPDATE ON event WHEN 1 BEGIN SELECT RAISE(ABORT, 'an event is never altered'); END;
CREATE TRIGGER event_never_deleted BEFORE DELETE ON event WHEN 1 BEGIN SELECT RAISE(ABORT, 'an event is never altered'); END;
CREATE TRIGGER membership_never_updated BEFORE UPDATE ON membership WHEN 1 BEGIN SELECT RAISE(ABORT, 'a membership is never altered'); END;
CREATE TRIGGER membership_never_deleted BEFORE DELETE ON membership WHEN 1 BEGIN SELECT RAISE(ABORT, 'a membership is never altered'); END;
CREATE TRIGGER refusal_never_updated BEFORE UPDATE ON refusal WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER refusal_never_deleted BEFORE DELETE ON refusal WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER bounce_never_updated BEFORE UPDATE ON bounce WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER bounce_never_deleted BEFORE DELETE ON bounce WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER sight_never_updated BEFORE UPDATE ON sight WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER sight_never_deleted BEFORE DELETE ON sight WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER objected_change_never_updated BEFORE UPDATE ON objected_change WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received objection is never altered'); END;
CREATE TRIGGER objected_change_never_deleted BEFORE DELETE ON objected_change WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received objection is never altered'); END;
CREATE TRIGGER confirmation_never_updated BEFORE UPDATE ON confirmation WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER confirmation_never_deleted BEFORE DELETE ON confirmation WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER consent_never_updated BEFORE UPDATE ON consent WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER consent_never_deleted BEFORE DELETE ON consent WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER opt_out_never_updated BEFORE UPDATE ON opt_out WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER opt_out_never_deleted BEFORE DELETE ON opt_out WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER settlement_never_updated BEFORE UPDATE ON settlement WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER settlement_never_deleted BEFORE DELETE ON settlement WHEN 1 BEGIN SELECT RAISE(ABORT, 'a received fact is never altered'); END;
CREATE TRIGGER closure_never_updated BEFORE UPDATE ON closure WHEN 1 BEGIN SELECT RAISE(ABORT, 'a closure is never altered'); END;
CREATE TRIGGER closure_never_deleted BEFORE DELETE ON closure WHEN 1 BEGIN SELECT RAISE(ABORT, 'a closure is never altered'); END;
CREATE TRIGGER approval_never_updated BEFORE UPDATE ON approval WHEN 1 BEGIN SELECT RAISE(ABORT, 'an approval is never altered'); END;
CREATE TRIGGER approval_never_deleted BEFORE DELETE ON approval WHEN 1 BEGIN SELECT RAISE(ABORT, 'an approval is never altered'); END;
CREATE TRIGGER draft_editor_never_updated BEFORE UPDATE ON draft_editor WHEN 1 BEGIN SELECT RAISE(ABORT, 'who edited a draft is never altered'); END;
CREATE TRIGGER draft_editor_never_deleted BEFORE DELETE ON draft_editor WHEN 1 BEGIN SELECT RAISE(ABORT, 'who edited a draft is never altered'); END;
CREATE TRIGGER sending_kept BEFORE UPDATE ON sending WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.notice_id IS NOT OLD.notice_id OR NEW.number IS NOT OLD.number OR NEW.address_id IS NOT OLD.address_id OR NEW.message_id IS NOT OLD.message_id OR NEW.started_at IS NOT OLD.started_at OR (OLD.accepted_at IS NOT NULL AND NOT (NEW.accepted_at = OLD.accepted_at AND NEW.state = OLD.state)) BEGIN SELECT RAISE(ABORT, 'an accepted sending is never altered'); END;
CREATE TRIGGER sending_never_deleted BEFORE DELETE ON sending WHEN 1 BEGIN SELECT RAISE(ABORT, 'an accepted sending is never altered'); END;
CREATE TRIGGER notice_never_deleted BEFORE DELETE ON notice WHEN 1 BEGIN SELECT RAISE(ABORT, 'what is owed is never altered'); END;
CREATE TRIGGER address_kept BEFORE UPDATE ON address WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.digest IS NOT OLD.digest OR NEW.received_at IS NOT OLD.received_at OR NEW.recorded_at IS NOT OLD.recorded_at OR NEW.sequence IS NOT OLD.sequence OR (NEW.address <> OLD.address AND NEW.address <> '') BEGIN SELECT RAISE(ABORT, 'an address given is only ever blanked'); END;
CREATE TRIGGER address_never_deleted BEFORE DELETE ON address WHEN 1 BEGIN SELECT RAISE(ABORT, 'an address given is only ever blanked'); END;
CREATE TRIGGER profile_kept BEFORE UPDATE ON profile WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.language IS NOT OLD.language OR NEW.zone IS NOT OLD.zone OR NEW.received_at IS NOT OLD.received_at OR NEW.recorded_at IS NOT OLD.recorded_at OR NEW.sequence IS NOT OLD.sequence OR (NEW.name <> OLD.name AND NEW.name <> '') BEGIN SELECT RAISE(ABORT, 'a name given is only ever blanked'); END;
CREATE TRIGGER profile_never_deleted BEFORE DELETE ON profile WHEN 1 BEGIN SELECT RAISE(ABORT, 'a name given is only ever blanked'); END;
CREATE TRIGGER remark_kept BEFORE UPDATE ON remark WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.recorded_at IS NOT OLD.recorded_at OR (NEW.text <> OLD.text AND NEW.text <> '') BEGIN SELECT RAISE(ABORT, 'a remark is only ever blanked'); END;
CREATE TRIGGER remark_never_deleted BEFORE DELETE ON remark WHEN 1 BEGIN SELECT RAISE(ABORT, 'a remark is only ever blanked'); END;
CREATE TRIGGER approval_by_another BEFORE INSERT ON approval WHEN EXISTS (SELECT 1 FROM draft_editor e WHERE e.draft_id = NEW.draft_id AND e.staff_id = NEW.staff_id) BEGIN SELECT RAISE(ABORT, 'who edited a draft cannot approve it'); END;
CREATE TRIGGER version_approved BEFORE INSERT ON version WHEN NEW.draft_id IS NOT NULL AND (NEW.approver_id IS NULL OR EXISTS (SELECT 1 FROM draft_editor e WHERE e.draft_id = NEW.draft_id AND e.staff_id = NEW.approver_id) OR NOT EXISTS (SELECT 1 FROM approval a JOIN draft d ON d.id = a.draft_id AND d.digest = a.digest WHERE a.draft_id = NEW.draft_id AND a.staff_id = NEW.approver_id)) BEGIN SELECT RAISE(ABORT, 'a version is published only as a second person approved it'); END;
CREATE TRIGGER version_in_order BEFORE INSERT ON version WHEN NEW.number <> 1 + (SELECT count(*) FROM version v WHERE v.policy_id = NEW.policy_id) OR EXISTS (SELECT 1 FROM version v WHERE v.policy_id = NEW.policy_id AND v.posted_at >= NEW.posted_at) BEGIN SELECT RAISE(ABORT, 'versions are numbered and posted one after the other'); END;
CREATE TRIGGER objection_while_open BEFORE INSERT ON objection WHEN EXISTS (SELECT 1 FROM closure c WHERE c.member_id = NEW.member_id) BEGIN SELECT RAISE(ABORT, 'a closed account cannot object'); END;
CREATE TRIGGER closure_confirmed BEFORE INSERT ON closure WHEN NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o JOIN confirmation c ON c.objection_id = o.id AND c.member_id = o.member_id WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id AND o.withdrawn_at IS NULL AND o.closing) BEGIN SELECT RAISE(ABORT, 'an account is closed for an objection only while it is in force and once it is confirmed'); END;
CREATE TRIGGER bounce_of_own_sending BEFORE INSERT ON bounce WHEN NOT EXISTS (SELECT 1 FROM sending s WHERE s.id = NEW.sending_id AND s.member_id = NEW.member_id AND s.notice_id = NEW.notice_id AND s.accepted_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'a bounce names an accepted sending of its own notice'); END;
CREATE TRIGGER settlement_of_a_freeze BEFORE INSERT ON settlement WHEN NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id AND o.withdrawn_at IS NULL AND NOT o.closing) BEGIN SELECT RAISE(ABORT, 'only a freeze in force is settled'); END;
CREATE TRIGGER stored_comparison_never_updated BEFORE UPDATE ON stored_comparison WHEN 1 BEGIN SELECT RAISE(ABORT, 'a stored comparison is never altered'); END;
CREATE TRIGGER stored_comparison_never_deleted BEFORE DELETE ON stored_comparison WHEN 1 BEGIN SELECT RAISE(ABORT, 'a stored comparison is never altered'); END;
CREATE TRIGGER version_compared BEFORE INSERT ON version WHEN NEW.comparison IS NOT NULL AND ((json_extract(NEW.comparison, '$.new.digest')) <> NEW.digest OR NOT EXISTS (SELECT 1 FROM version v WHERE v.policy_id = NEW.policy_id AND v.number = NEW.number - 1 AND v.digest = (json_extract(NEW.comparison, '$.old.digest')))) BEGIN SELECT RAISE(ABORT, 'a version is published with the comparison of its own text and the one before'); END;
CREATE TRIGGER stored_comparison_of_both BEFORE INSERT ON stored_comparison WHEN NOT EXISTS (SELECT 1 FROM version o JOIN version n ON n.policy_id = o.policy_id AND n.number > o.number WHERE o.id = NEW.older_id AND n.id = NEW.newer_id AND o.digest = (json_extract(NEW.record, '$.old.digest')) AND n.digest = (json_extract(NEW.record, '$.new.digest'))) BEGIN SELECT RAISE(ABORT, 'a stored comparison is of two versions of one policy, the older one first'); END;
CREATE TRIGGER returned_match_never_updated BEFORE UPDATE ON returned_match WHEN 1 BEGIN SELECT RAISE(ABORT, 'whose mail came back is never altered'); END;
CREATE TRIGGER returned_match_never_deleted BEFORE DELETE ON returned_match WHEN 1 BEGIN SELECT RAISE(ABORT, 'whose mail came back is never altered'); END;
CREATE TRIGGER returned_content_kept BEFORE UPDATE ON returned_content WHEN NEW.id IS NOT OLD.id OR NEW.returned_id IS NOT OLD.returned_id OR ((NEW.sender <> OLD.sender AND NEW.sender <> '') OR (NEW.subject <> OLD.subject AND NEW.subject <> '') OR (NEW.recipient <> OLD.recipient AND NEW.recipient <> '') OR (NEW.note <> OLD.note AND NEW.note <> '' AND OLD.note <> '') OR (NEW.content <> OLD.content AND length(NEW.content) > 0)) BEGIN SELECT RAISE(ABORT, 'what a message said is only ever blanked'); END;
CREATE TRIGGER returned_content_never_deleted BEFORE DELETE ON returned_content WHEN 1 BEGIN SELECT RAISE(ABORT, 'what a message said is only ever blanked'); END;
CREATE TRIGGER returned_match_of_own_sending BEFORE INSERT ON returned_match WHEN NEW.sending_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sending s WHERE s.id = NEW.sending_id AND s.member_id = NEW.member_id) BEGIN SELECT RAISE(ABORT, 'a message is about a sending to the member it names'); END;
CREATE TRIGGER campaign_hold_kept BEFORE UPDATE ON campaign_hold WHEN NEW.id IS NOT OLD.id OR NEW.version_id IS NOT OLD.version_id OR NEW.held_at IS NOT OLD.held_at OR NEW.held_by IS NOT OLD.held_by OR NEW.reason IS NOT OLD.reason OR (OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a hold is only ever lifted, once'); END;
CREATE TRIGGER campaign_hold_never_deleted BEFORE DELETE ON campaign_hold WHEN 1 BEGIN SELECT RAISE(ABORT, 'a hold is only ever lifted, once'); END;
CREATE TRIGGER put_off_notice_due BEFORE DELETE ON put_off_notice WHEN 
EXISTS (SELECT 1 FROM notice n WHERE n.id = OLD.notice_id AND n.state IN ('queued', 'deferred')
    AND n.next_attempt_at IS NULL AND n.owner IS NULL)
 BEGIN SELECT RAISE(ABORT, 'the notice would never be due'); END;
CREATE TRIGGER returned_mail_kept BEFORE UPDATE ON returned_mail WHEN NEW.id IS NOT OLD.id OR NEW.kind IS NOT OLD.kind OR NEW.hard IS NOT OLD.hard OR NEW.status IS NOT OLD.status OR NEW.reason IS NOT OLD.reason OR NEW.digest IS NOT OLD.digest OR NEW.size IS NOT OLD.size OR NEW.received_at IS NOT OLD.received_at OR NEW.recorded_at IS NOT OLD.recorded_at OR NEW.sequence IS NOT OLD.sequence OR ((OLD.handled_at IS NOT NULL AND (NEW.handled_at IS NULL OR NEW.handled_at <> OLD.handled_at OR NEW.handled_as <> OLD.handled_as OR COALESCE(NEW.staff_id, 0) <> COALESCE(OLD.staff_id, 0))) OR (OLD.erased_at IS NOT NULL AND (NEW.erased_at IS NULL OR NEW.erased_at <> OLD.erased_at OR NEW.erased_why <> OLD.erased_why OR COALESCE(NEW.erased_by, 0) <> COALESCE(OLD.erased_by, 0))) OR (NEW.erased_at IS NULL AND (NEW.erased_by IS NOT NULL OR NEW.erased_why <> '')) OR (NEW.erased_at IS NOT NULL AND NEW.handled_at IS NULL)) BEGIN SELECT RAISE(ABORT, 'of a message that came in only its handling and its erasure are set, once and in this order'); END;
CREATE TRIGGER returned_mail_never_deleted BEFORE DELETE ON returned_mail WHEN 1 BEGIN SELECT RAISE(ABORT, 'of a message that came in only its handling and its erasure are set, once and in this order'); END;
CREATE TRIGGER returned_mail_erased_is_blank BEFORE UPDATE ON returned_mail WHEN NEW.erased_at IS NOT NULL AND EXISTS (SELECT 1 FROM returned_content c WHERE c.returned_id = NEW.id AND (length(c.content) > 0 OR c.sender <> '' OR c.subject <> '' OR c.recipient <> '')) BEGIN SELECT RAISE(ABORT, 'what is told to be erased is blank'); END;
CREATE TRIGGER objection_kept BEFORE UPDATE ON objection WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.version_id IS NOT OLD.version_id OR NEW.number IS NOT OLD.number OR NEW.closing IS NOT OLD.closing OR NEW.way IS NOT OLD.way OR NEW.staff_id IS NOT OLD.staff_id OR NEW.remark_id IS NOT OLD.remark_id OR NEW.amends_id IS NOT OLD.amends_id OR NEW.restores_id IS NOT OLD.restores_id OR NEW.received_at IS NOT OLD.received_at OR NEW.recorded_at IS NOT OLD.recorded_at OR NEW.sequence IS NOT OLD.sequence OR (OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL) BEGIN SELECT RAISE(ABORT, 'of a received objection only the withdrawal is set, once'); END;
CREATE TRIGGER objection_never_deleted BEFORE DELETE ON objection WHEN 1 BEGIN SELECT RAISE(ABORT, 'of a received objection only the withdrawal is set, once'); END;
CREATE TRIGGER declaration_kept BEFORE UPDATE ON declaration WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.version_id IS NOT OLD.version_id OR NEW.number IS NOT OLD.number OR NEW.kind IS NOT OLD.kind OR NEW.objection_id IS NOT OLD.objection_id OR NEW.purpose IS NOT OLD.purpose OR NEW.way IS NOT OLD.way OR NEW.received_at IS NOT OLD.received_at OR NEW.recorded_at IS NOT OLD.recorded_at OR NEW.sequence IS NOT OLD.sequence OR (OLD.decided_at IS NOT NULL OR NEW.decided_at IS NULL) BEGIN SELECT RAISE(ABORT, 'of a declaration only the decision is set, once'); END;
CREATE TRIGGER declaration_never_deleted BEFORE DELETE ON declaration WHEN 1 BEGIN SELECT RAISE(ABORT, 'of a declaration only the decision is set, once'); END;
CREATE TRIGGER objection_in_time BEFORE INSERT ON objection WHEN NEW.restores_id IS NULL AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.member_id = NEW.member_id AND n.version_id = NEW.version_id AND (n.closes_at IS NULL OR NEW.received_at < n.closes_at)) BEGIN SELECT RAISE(ABORT, 'an objection needs a notice whose window has not closed'); END;
CREATE TRIGGER objection_stands_again BEFORE INSERT ON objection WHEN NEW.restores_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.restores_id AND o.member_id = NEW.member_id AND o.version_id = NEW.version_id AND o.closing = NEW.closing AND o.received_at = NEW.received_at AND o.withdrawn_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'an objection stands again as it was received'); END;
CREATE TRIGGER objection_amends_own BEFORE INSERT ON objection WHEN NEW.amends_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.amends_id AND o.member_id = NEW.member_id AND o.version_id = NEW.version_id AND o.withdrawn_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'an objection takes the place of one that was taken back with it'); END;
CREATE TRIGGER declaration_while_open BEFORE INSERT ON declaration WHEN EXISTS (SELECT 1 FROM closure c WHERE c.member_id = NEW.member_id) BEGIN SELECT RAISE(ABORT, 'a closed account declares nothing'); END;
CREATE TRIGGER declaration_of_own_objection BEFORE INSERT ON declaration WHEN NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id AND o.version_id = NEW.version_id) BEGIN SELECT RAISE(ABORT, 'a declaration is about an objection of the member'); END;
CREATE TRIGGER consent_confirmed BEFORE INSERT ON consent WHEN NEW.way = 'link' AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.member_id = NEW.member_id AND d.version_id = NEW.version_id AND d.purpose = NEW.purpose AND d.kind = 'consent' AND d.decided_as = 'confirmed') BEGIN SELECT RAISE(ABORT, 'a consent by link counts once it is confirmed'); END;
CREATE TRIGGER address_change_kept BEFORE UPDATE ON address_change WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.digest IS NOT OLD.digest OR NEW.old_address_id IS NOT OLD.old_address_id OR NEW.expires_at IS NOT OLD.expires_at OR NEW.received_at IS NOT OLD.received_at OR NEW.recorded_at IS NOT OLD.recorded_at OR NEW.sequence IS NOT OLD.sequence OR ((NEW.address <> OLD.address AND NEW.address <> '') OR (OLD.new_confirmed_at IS NOT NULL AND (NEW.new_confirmed_at IS NULL OR NEW.new_confirmed_at <> OLD.new_confirmed_at)) OR (OLD.old_confirmed_at IS NOT NULL AND (NEW.old_confirmed_at IS NULL OR NEW.old_confirmed_at <> OLD.old_confirmed_at)) OR (OLD.handed_at IS NOT NULL AND (NEW.handed_at IS NULL OR NEW.handed_at <> OLD.handed_at)) OR (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS NULL OR NEW.ended_at <> OLD.ended_at OR NEW.ended_as <> OLD.ended_as))) BEGIN SELECT RAISE(ABORT, 'an address change is confirmed, handed over and ended once'); END;
CREATE TRIGGER address_change_never_deleted BEFORE DELETE ON address_change WHEN 1 BEGIN SELECT RAISE(ABORT, 'an address change is confirmed, handed over and ended once'); END;
CREATE TRIGGER member_request_kept BEFORE UPDATE ON member_request WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.number IS NOT OLD.number OR NEW.kind IS NOT OLD.kind OR NEW.way IS NOT OLD.way OR NEW.staff_id IS NOT OLD.staff_id OR NEW.remark_id IS NOT OLD.remark_id OR NEW.change_id IS NOT OLD.change_id OR NEW.received_at IS NOT OLD.received_at OR NEW.recorded_at IS NOT OLD.recorded_at OR NEW.sequence IS NOT OLD.sequence OR (OLD.ended_at IS NOT NULL OR (NEW.due_at <> OLD.due_at AND (OLD.extended_at IS NOT NULL OR NEW.extended_at IS NULL)) OR (OLD.extended_at IS NOT NULL AND (NEW.extended_at IS NULL OR NEW.extended_at <> OLD.extended_at))) BEGIN SELECT RAISE(ABORT, 'a request is put off once and ended once'); END;
CREATE TRIGGER member_request_never_deleted BEFORE DELETE ON member_request WHEN 1 BEGIN SELECT RAISE(ABORT, 'a request is put off once and ended once'); END;
CREATE TRIGGER member_request_to_close BEFORE INSERT ON member_request WHEN NEW.kind = 'closing' AND EXISTS (SELECT 1 FROM closure c WHERE c.member_id = NEW.member_id) BEGIN SELECT RAISE(ABORT, 'a closed account cannot be closed again'); END;
CREATE TRIGGER member_request_of_own_change BEFORE INSERT ON member_request WHEN NEW.change_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM address_change a WHERE a.id = NEW.change_id AND a.member_id = NEW.member_id) BEGIN SELECT RAISE(ABORT, 'a request is about an address change of its own member'); END;
CREATE TRIGGER recipient_roll_never_updated BEFORE UPDATE ON recipient_roll WHEN 1 BEGIN SELECT RAISE(ABORT, 'a recipient roll is never altered'); END;
CREATE TRIGGER recipient_roll_never_deleted BEFORE DELETE ON recipient_roll WHEN 1 BEGIN SELECT RAISE(ABORT, 'a recipient roll is never altered'); END;
CREATE TRIGGER reply_never_updated BEFORE UPDATE ON reply WHEN 1 BEGIN SELECT RAISE(ABORT, 'what became of a reply is never altered'); END;
CREATE TRIGGER reply_never_deleted BEFORE DELETE ON reply WHEN 1 BEGIN SELECT RAISE(ABORT, 'what became of a reply is never altered'); END;
CREATE TRIGGER objection_by_reply_confirmed BEFORE INSERT ON objection WHEN NEW.way = 'reply' AND NEW.staff_id IS NULL AND NEW.restores_id IS NULL AND NOT NEW.closing AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.member_id = NEW.member_id AND d.version_id = NEW.version_id AND d.kind = 'objection' AND d.decided_as = 'confirmed' AND d.number = NEW.number AND d.received_at = NEW.received_at) BEGIN SELECT RAISE(ABORT, 'a freeze by a reply counts once it is confirmed'); END;
CREATE TRIGGER reply_of_own_objection BEFORE INSERT ON reply WHEN NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection x WHERE x.id = NEW.objection_id AND x.member_id = NEW.member_id AND x.version_id = NEW.version_id) BEGIN SELECT RAISE(ABORT, 'a reply becomes an objection of its own member'); END;
CREATE TRIGGER reply_of_own_declaration BEFORE INSERT ON reply WHEN NEW.declaration_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM declaration x WHERE x.id = NEW.declaration_id AND x.member_id = NEW.member_id AND x.version_id = NEW.version_id AND x.kind = 'objection') BEGIN SELECT RAISE(ABORT, 'a reply declares an objection of its own member'); END;
CREATE TRIGGER submission_never_updated BEFORE UPDATE ON submission WHEN 1 BEGIN SELECT RAISE(ABORT, 'a submission is never altered'); END;
CREATE TRIGGER submission_never_deleted BEFORE DELETE ON submission WHEN 1 BEGIN SELECT RAISE(ABORT, 'a submission is never altered'); END;
CREATE TRIGGER submitted_file_kept BEFORE UPDATE ON submitted_file WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.submission_id IS NOT OLD.submission_id OR NEW.ordinal IS NOT OLD.ordinal OR NEW.media_type IS NOT OLD.media_type OR NEW.size IS NOT OLD.size OR NEW.digest IS NOT OLD.digest OR (OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL) BEGIN SELECT RAISE(ABORT, 'of a submitted file only its erasure is set, once'); END;
CREATE TRIGGER submitted_file_never_deleted BEFORE DELETE ON submitted_file WHEN 1 BEGIN SELECT RAISE(ABORT, 'of a submitted file only its erasure is set, once'); END;
CREATE TRIGGER submitted_piece_kept BEFORE UPDATE ON submitted_piece WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.file_id IS NOT OLD.file_id OR NEW.ordinal IS NOT OLD.ordinal OR (length(NEW.content) > 0) BEGIN SELECT RAISE(ABORT, 'the bytes of a submitted file are only ever blanked'); END;
CREATE TRIGGER submitted_piece_never_deleted BEFORE DELETE ON submitted_piece WHEN 1 BEGIN SELECT RAISE(ABORT, 'the bytes of a submitted file are only ever blanked'); END;
CREATE TRIGGER submission_of_own_rows BEFORE INSERT ON submission WHEN (NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id)) OR (NEW.declaration_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.id = NEW.declaration_id AND d.member_id = NEW.member_id)) OR (NEW.request_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM member_request r WHERE r.id = NEW.request_id AND r.member_id = NEW.member_id)) BEGIN SELECT RAISE(ABORT, 'a submission is about what its own member said'); END;
CREATE TRIGGER submitted_file_of_own_submission BEFORE INSERT ON submitted_file WHEN NEW.erased_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM submission s WHERE s.id = NEW.submission_id AND s.member_id = NEW.member_id) BEGIN SELECT RAISE(ABORT, 'a file came with a submission of its own member'); END;
CREATE TRIGGER submitted_piece_of_own_file BEFORE INSERT ON submitted_piece WHEN NOT EXISTS (SELECT 1 FROM submitted_file f WHERE f.id = NEW.file_id AND f.member_id = NEW.member_id AND f.erased_at IS NULL AND f.size >= length(NEW.content) + (SELECT COALESCE(SUM(length(p.content)), 0) FROM submitted_piece p WHERE p.member_id = NEW.member_id AND p.file_id = NEW.file_id)) BEGIN SELECT RAISE(ABORT, 'a file holds no more than it had when it came'); END;
CREATE TRIGGER submitted_piece_blanked_on_record BEFORE UPDATE ON submitted_piece WHEN NOT EXISTS (SELECT 1 FROM submitted_file f WHERE f.id = NEW.file_id AND f.erased_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'the bytes of a submitted file go once its erasure is on record'); END;
CREATE TRIGGER notice_kept BEFORE UPDATE OF id, rowid, oid, _rowid_, member_id, version_id, recorded_at ON notice
WHEN NEW.id IS NOT OLD.id OR NEW.member_id IS NOT OLD.member_id OR NEW.version_id IS NOT OLD.version_id
    OR NEW.recorded_at IS NOT OLD.recorded_at
BEGIN SELECT RAISE(ABORT, 'what is owed is never altered'); END;
CREATE TRIGGER daybook_carried_first BEFORE DELETE ON daybook
WHEN EXISTS (SELECT 1 FROM json_each(OLD.begun, '$[0]') b WHERE NOT EXISTS (
        SELECT 1 FROM sending s WHERE s.id = b.value))
    OR EXISTS (SELECT 1 FROM json_each(OLD.accepted) g, json_each(g.value, '$[3]') a WHERE NOT EXISTS (
        SELECT 1 FROM sending s WHERE s.id = a.value AND s.accepted_at IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'a note goes when it was carried over'); END;
CREATE TRIGGER daybook_never_updated BEFORE UPDATE ON daybook
BEGIN SELECT RAISE(ABORT, 'a note is never altered'); END;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES
    ('portal', '0001_first', CURRENT_TIMESTAMP),
    ('portal', '0002_constraints', CURRENT_TIMESTAMP),
    ('portal', '0003_promises', CURRENT_TIMESTAMP),
    ('portal', '0004_address_by_digest', CURRENT_TIMESTAMP),
    ('portal', '0005_stored_comparison', CURRENT_TIMESTAMP),
    ('portal', '0006_token_scopes', CURRENT_TIMESTAMP),
    ('portal', '0007_returned_mail', CURRENT_TIMESTAMP),
    ('portal', '0008_campaign_hold', CURRENT_TIMESTAMP),
    ('portal', '0009_notices_in_order', CURRENT_TIMESTAMP),
    ('portal', '0010_mail_domain', CURRENT_TIMESTAMP),
    ('portal', '0011_erased_mail', CURRENT_TIMESTAMP),
    ('portal', '0012_fewer_indexes', CURRENT_TIMESTAMP),
    ('portal', '0013_declarations', CURRENT_TIMESTAMP),
    ('portal', '0014_my_terms', CURRENT_TIMESTAMP),
    ('portal', '0015_spent_token', CURRENT_TIMESTAMP),
    ('portal', '0017_recipient_roll', CURRENT_TIMESTAMP),
    ('portal', '0018_replies', CURRENT_TIMESTAMP),
    ('portal', '0019_submissions', CURRENT_TIMESTAMP),
    ('portal', '0020_daybook', CURRENT_TIMESTAMP),
    ('portal', '0021_lighter_rows', CURRENT_TIMESTAMP),
    ('portal', '0022_notes_by_columns', CURRENT_TIMESTAMP),
    ('portal', '0023_one_index_of_states', CURRENT_TIMESTAMP),
    ('portal', '0024_quicker_checks', CURRENT_TIMESTAMP);
