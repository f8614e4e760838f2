-- What the migrations up to 0024_quicker_checks make. Written by a program: python -m bench.schema_files
CREATE FUNCTION approval_by_another() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM draft_editor e WHERE e.draft_id = NEW.draft_id AND e.staff_id = NEW.staff_id) THEN RAISE EXCEPTION 'who edited a draft cannot approve it' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION bounce_of_own_sending() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM sending s WHERE s.id = NEW.sending_id AND s.member_id = NEW.member_id AND s.notice_id = NEW.notice_id AND s.accepted_at IS NOT NULL) THEN RAISE EXCEPTION 'a bounce names an accepted sending of its own notice' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION closure_confirmed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o JOIN confirmation c ON c.objection_id = o.id AND c.member_id = o.member_id WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id AND o.withdrawn_at IS NULL AND o.closing) THEN RAISE EXCEPTION 'an account is closed for an objection only while it is in force and once it is confirmed' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION consent_confirmed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.way = 'link' AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.member_id = NEW.member_id AND d.version_id = NEW.version_id AND d.purpose = NEW.purpose AND d.kind = 'consent' AND d.decided_as = 'confirmed') THEN RAISE EXCEPTION 'a consent by link counts once it is confirmed' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION declaration_of_own_objection() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id AND o.version_id = NEW.version_id) THEN RAISE EXCEPTION 'a declaration is about an objection of the member' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION declaration_while_open() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM closure c WHERE c.member_id = NEW.member_id) THEN RAISE EXCEPTION 'a closed account declares nothing' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION member_request_of_own_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.change_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM address_change a WHERE a.id = NEW.change_id AND a.member_id = NEW.member_id) THEN RAISE EXCEPTION 'a request is about an address change of its own member' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION member_request_to_close() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.kind = 'closing' AND EXISTS (SELECT 1 FROM closure c WHERE c.member_id = NEW.member_id) THEN RAISE EXCEPTION 'a closed account cannot be closed again' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION objection_amends_own() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.amends_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.amends_id AND o.member_id = NEW.member_id AND o.version_id = NEW.version_id AND o.withdrawn_at IS NOT NULL) THEN RAISE EXCEPTION 'an objection takes the place of one that was taken back with it' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION objection_by_reply_confirmed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.way = 'reply' AND NEW.staff_id IS NULL AND NEW.restores_id IS NULL AND NOT NEW.closing AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.member_id = NEW.member_id AND d.version_id = NEW.version_id AND d.kind = 'objection' AND d.decided_as = 'confirmed' AND d.number = NEW.number AND d.received_at = NEW.received_at) THEN RAISE EXCEPTION 'a freeze by a reply counts once it is confirmed' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION objection_in_time() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.restores_id IS NULL AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.member_id = NEW.member_id AND n.version_id = NEW.version_id AND (n.closes_at IS NULL OR NEW.received_at < n.closes_at)) THEN RAISE EXCEPTION 'an objection needs a notice whose window has not closed' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION objection_stands_again() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.restores_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.restores_id AND o.member_id = NEW.member_id AND o.version_id = NEW.version_id AND o.closing = NEW.closing AND o.received_at = NEW.received_at AND o.withdrawn_at IS NOT NULL) THEN RAISE EXCEPTION 'an objection stands again as it was received' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION objection_while_open() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM closure c WHERE c.member_id = NEW.member_id) THEN RAISE EXCEPTION 'a closed account cannot object' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION put_off_notice_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF 
EXISTS (SELECT 1 FROM notice n WHERE n.id = OLD.notice_id AND n.state IN ('queued', 'deferred')
    AND n.next_attempt_at IS NULL AND n.owner IS NULL)
 THEN RAISE EXCEPTION 'the notice would never be due' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN OLD; END $$;

CREATE FUNCTION refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$;

CREATE FUNCTION reply_of_own_declaration() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.declaration_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM declaration x WHERE x.id = NEW.declaration_id AND x.member_id = NEW.member_id AND x.version_id = NEW.version_id AND x.kind = 'objection') THEN RAISE EXCEPTION 'a reply declares an objection of its own member' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION reply_of_own_objection() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection x WHERE x.id = NEW.objection_id AND x.member_id = NEW.member_id AND x.version_id = NEW.version_id) THEN RAISE EXCEPTION 'a reply becomes an objection of its own member' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION returned_mail_erased_is_blank() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.erased_at IS NOT NULL AND EXISTS (SELECT 1 FROM returned_content c WHERE c.returned_id = NEW.id AND (length(c.content) > 0 OR c.sender <> '' OR c.subject <> '' OR c.recipient <> '')) THEN RAISE EXCEPTION 'what is told to be erased is blank' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION returned_match_of_own_sending() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.sending_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sending s WHERE s.id = NEW.sending_id AND s.member_id = NEW.member_id) THEN RAISE EXCEPTION 'a message is about a sending to the member it names' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION settlement_of_a_freeze() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id AND o.withdrawn_at IS NULL AND NOT o.closing) THEN RAISE EXCEPTION 'only a freeze in force is settled' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION stored_comparison_of_both() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM version o JOIN version n ON n.policy_id = o.policy_id AND n.number > o.number WHERE o.id = NEW.older_id AND n.id = NEW.newer_id AND o.digest = (NEW.record -> 'old' ->> 'digest') AND n.digest = (NEW.record -> 'new' ->> 'digest')) THEN RAISE EXCEPTION 'a stored comparison is of two versions of one policy, the older one first' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION submission_of_own_rows() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF (NEW.objection_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.objection_id AND o.member_id = NEW.member_id)) OR (NEW.declaration_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.id = NEW.declaration_id AND d.member_id = NEW.member_id)) OR (NEW.request_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM member_request r WHERE r.id = NEW.request_id AND r.member_id = NEW.member_id)) THEN RAISE EXCEPTION 'a submission is about what its own member said' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION submitted_file_of_own_submission() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.erased_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM submission s WHERE s.id = NEW.submission_id AND s.member_id = NEW.member_id) THEN RAISE EXCEPTION 'a file came with a submission of its own member' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION submitted_piece_blanked_on_record() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM submitted_file f WHERE f.id = NEW.file_id AND f.erased_at IS NOT NULL) THEN RAISE EXCEPTION 'the bytes of a submitted file go once its erasure is on record' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION submitted_piece_of_own_file() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM submitted_file f WHERE f.id = NEW.file_id AND f.member_id = NEW.member_id AND f.erased_at IS NULL AND f.size >= length(NEW.content) + (SELECT COALESCE(SUM(length(p.content)), 0) FROM submitted_piece p WHERE p.member_id = NEW.member_id AND p.file_id = NEW.file_id)) THEN RAISE EXCEPTION 'a file holds no more than it had when it came' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION version_approved() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.draft_id IS NOT NULL AND (NEW.approver_id IS NULL OR EXISTS (SELECT 1 FROM draft_editor e WHERE e.draft_id = NEW.draft_id AND e.staff_id = NEW.approver_id) OR NOT EXISTS (SELECT 1 FROM approval a JOIN draft d ON d.id = a.draft_id AND d.digest = a.digest WHERE a.draft_id = NEW.draft_id AND a.staff_id = NEW.approver_id)) THEN RAISE EXCEPTION 'a version is published only as a second person approved it' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION version_compared() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.comparison IS NOT NULL AND ((NEW.comparison -> 'new' ->> 'digest') <> NEW.digest OR NOT EXISTS (SELECT 1 FROM version v WHERE v.policy_id = NEW.policy_id AND v.number = NEW.number - 1 AND v.digest = (NEW.comparison -> 'old' ->> 'digest'))) THEN RAISE EXCEPTION 'a version is published with the comparison of its own text and the one before' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE FUNCTION version_in_order() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.number <> 1 + (SELECT count(*) FROM version v WHERE v.policy_id = NEW.policy_id) OR EXISTS (SELECT 1 FROM version v WHERE v.policy_id = NEW.policy_id AND v.posted_at >= NEW.posted_at) THEN RAISE EXCEPTION 'versions are numbered and posted one after the other' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$;

CREATE TABLE address (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    address character varying(320) NOT NULL,
    digest character varying(80) NOT NULL,
    member_id bigint NOT NULL
);

COMMENT ON TABLE address IS 'An address the member gave. The last one given counts, `address` is blanked when it is erased.';

CREATE TABLE address_change (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    address character varying(320) NOT NULL,
    digest character varying(80) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    new_confirmed_at timestamp with time zone,
    old_confirmed_at timestamp with time zone,
    handed_at timestamp with time zone,
    ended_at timestamp with time zone,
    ended_as character varying(16),
    member_id bigint NOT NULL,
    old_address_id bigint,
    CONSTRAINT address_change_confirmed_at_both CHECK (((ended_as IS NULL) OR ((ended_as)::text <> 'confirmed'::text) OR ((new_confirmed_at IS NOT NULL) AND ((old_address_id IS NULL) OR (old_confirmed_at IS NOT NULL))))),
    CONSTRAINT address_change_end_known CHECK (((ended_as)::text = ANY ((ARRAY['confirmed'::character varying, 'cancelled'::character varying, 'disowned'::character varying, 'refused'::character varying, 'replaced'::character varying])::text[]))),
    CONSTRAINT address_change_ended_whole CHECK (((ended_at IS NULL) = (ended_as IS NULL)))
);

COMMENT ON TABLE address_change IS 'A member asked at `received_at` for `address` in place of `old_address`, null where there was none to ask.';

COMMENT ON COLUMN address_change.ended_as IS 'CONFIRMED: confirmed\nCANCELLED: cancelled\nDISOWNED: disowned\nREFUSED: refused\nREPLACED: replaced';

CREATE SEQUENCE address_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE address_change_id_seq OWNED BY address_change.id;

CREATE SEQUENCE address_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE address_id_seq OWNED BY address.id;

CREATE TABLE api_token (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    token_digest character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    staff_id bigint NOT NULL,
    scopes character varying(200) DEFAULT 'terms:read'::character varying NOT NULL
);

COMMENT ON TABLE api_token IS 'A token of one of the company''s systems, stored hashed.';

CREATE SEQUENCE api_token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE api_token_id_seq OWNED BY api_token.id;

CREATE TABLE approval (
    id bigint NOT NULL,
    digest character varying(80) NOT NULL,
    approved_at timestamp with time zone NOT NULL,
    draft_id bigint NOT NULL,
    staff_id bigint NOT NULL
);

COMMENT ON TABLE approval IS 'A second person''s approval of the draft as its digest names it. A trigger refuses one by an editor.';

CREATE SEQUENCE approval_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE approval_id_seq OWNED BY approval.id;

CREATE TABLE attempt (
    id bigint NOT NULL,
    key character varying(100) NOT NULL,
    span_start timestamp with time zone NOT NULL,
    tries integer NOT NULL
);

COMMENT ON TABLE attempt IS 'How often something that is rate-limited was tried in a span of time. `key` names it without personal data.';

CREATE SEQUENCE attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE attempt_id_seq OWNED BY attempt.id;

CREATE TABLE bounce (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    named boolean NOT NULL,
    member_id bigint NOT NULL,
    notice_id bigint NOT NULL,
    remark_id bigint,
    sending_id bigint NOT NULL
);

COMMENT ON TABLE bounce IS 'A sending came back. It names its sending, one that arrived without a name was given the latest unbounced one.';

CREATE SEQUENCE bounce_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE bounce_id_seq OWNED BY bounce.id;

CREATE TABLE campaign_hold (
    id bigint NOT NULL,
    held_at timestamp with time zone NOT NULL,
    held_by character varying(64) NOT NULL,
    reason character varying(600) NOT NULL,
    lifted_at timestamp with time zone,
    lifted_by character varying(64),
    version_id bigint NOT NULL,
    CONSTRAINT campaign_hold_in_order CHECK (((lifted_at IS NULL) OR (lifted_at >= held_at))),
    CONSTRAINT campaign_hold_lifted_whole CHECK (((lifted_at IS NULL) = (lifted_by IS NULL)))
);

COMMENT ON TABLE campaign_hold IS 'No notice of the version is sent from `held_at` until `lifted_at` (UTC), a version has one unlifted at most.';

CREATE SEQUENCE campaign_hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE campaign_hold_id_seq OWNED BY campaign_hold.id;

CREATE TABLE change (
    id bigint NOT NULL,
    key character varying(64) NOT NULL,
    ordinal integer NOT NULL,
    engine character varying(16) NOT NULL,
    record jsonb NOT NULL,
    version_id bigint NOT NULL
);

COMMENT ON TABLE change IS 'One addressable difference to the version before. `record` is the change as the comparison found it.';

CREATE SEQUENCE change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE change_id_seq OWNED BY change.id;

CREATE TABLE classification (
    id bigint NOT NULL,
    purposes jsonb NOT NULL,
    reason text NOT NULL,
    change_id bigint NOT NULL
);

COMMENT ON TABLE classification IS 'The purposes legal gave to a change, and why, no purposes = editorial.';

CREATE SEQUENCE classification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE classification_id_seq OWNED BY classification.id;

CREATE TABLE closure (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    staff_id bigint,
    member_id bigint NOT NULL,
    objection_id bigint,
    remark_id bigint
);

COMMENT ON TABLE closure IS 'The member''s account was closed at `received_at`, it ends all policies, once and for good.';

CREATE SEQUENCE closure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE closure_id_seq OWNED BY closure.id;

CREATE TABLE confirmation (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    way character varying(16) NOT NULL,
    staff_id bigint,
    member_id bigint NOT NULL,
    objection_id bigint NOT NULL,
    remark_id bigint,
    CONSTRAINT confirmation_way_known CHECK (((way)::text = ANY ((ARRAY['code'::character varying, 'sign_in'::character varying, 'ops'::character varying])::text[])))
);

COMMENT ON TABLE confirmation IS 'A closing objection was confirmed: before it, no account may be closed for it. It moves no instant.';

COMMENT ON COLUMN confirmation.way IS 'CODE: code\nSIGN_IN: sign_in\nOPS: ops';

CREATE SEQUENCE confirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE confirmation_id_seq OWNED BY confirmation.id;

CREATE TABLE consent (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    purpose character varying(64) NOT NULL,
    way character varying(16) NOT NULL,
    member_id bigint NOT NULL,
    version_id bigint NOT NULL
);

COMMENT ON TABLE consent IS 'A member''s yes to an opt-in purpose of a version.';

COMMENT ON COLUMN consent.way IS 'LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply';

CREATE SEQUENCE consent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE consent_id_seq OWNED BY consent.id;

CREATE TABLE declaration (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    number character varying(32) NOT NULL,
    kind character varying(16) NOT NULL,
    purpose character varying(64) NOT NULL,
    way character varying(16) NOT NULL,
    decided_at timestamp with time zone,
    decided_as character varying(16),
    decided_sequence bigint,
    confirmed_by character varying(16),
    staff_id bigint,
    member_id bigint NOT NULL,
    objection_id bigint,
    remark_id bigint,
    version_id bigint NOT NULL,
    CONSTRAINT declaration_decided_whole CHECK ((((decided_at IS NULL) AND (decided_as IS NULL) AND (decided_sequence IS NULL) AND (confirmed_by IS NULL)) OR ((decided_at IS NOT NULL) AND (decided_as IS NOT NULL) AND (decided_sequence IS NOT NULL) AND ((decided_as)::text = ANY ((ARRAY['confirmed'::character varying, 'dropped'::character varying, 'rejected'::character varying, 'overtaken'::character varying])::text[])) AND (((decided_as)::text = 'confirmed'::text) = (confirmed_by IS NOT NULL)) AND ((COALESCE(confirmed_by, 'code'::character varying))::text = ANY ((ARRAY['code'::character varying, 'sign_in'::character varying, 'ops'::character varying])::text[]))))),
    CONSTRAINT declaration_of_one_thing CHECK ((((kind)::text = ANY ((ARRAY['consent'::character varying, 'opt_in'::character varying, 'withdrawal'::character varying, 'objection'::character varying])::text[])) AND ((way)::text = ANY ((ARRAY['link'::character varying, 'account'::character varying, 'letter'::character varying, 'call'::character varying, 'reply'::character varying, 'in_person'::character varying, 'email'::character varying])::text[])) AND (((kind)::text = 'withdrawal'::text) = (objection_id IS NOT NULL)) AND (((kind)::text = ANY ((ARRAY['withdrawal'::character varying, 'objection'::character varying])::text[])) = ((purpose)::text = ''::text))))
);

COMMENT ON TABLE declaration IS 'What a member declared, by link or signed in, open while `decided_at` is null, which is set once.';

COMMENT ON COLUMN declaration.kind IS 'CONSENT: consent\nOPT_IN: opt_in\nWITHDRAWAL: withdrawal';

COMMENT ON COLUMN declaration.way IS 'LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply';

COMMENT ON COLUMN declaration.decided_as IS 'CONFIRMED: confirmed\nDROPPED: dropped\nREJECTED: rejected\nOVERTAKEN: overtaken';

COMMENT ON COLUMN declaration.confirmed_by IS 'CODE: code\nSIGN_IN: sign_in\nOPS: ops';

CREATE SEQUENCE declaration_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE declaration_id_seq OWNED BY declaration.id;

CREATE TABLE draft (
    id bigint NOT NULL,
    base integer NOT NULL,
    language character varying(16) NOT NULL,
    text text NOT NULL,
    summary text NOT NULL,
    terms jsonb NOT NULL,
    treatments jsonb NOT NULL,
    told_of jsonb NOT NULL,
    comparison jsonb,
    digest character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone NOT NULL,
    published_as integer,
    dropped_at timestamp with time zone,
    author_id bigint NOT NULL,
    policy_id bigint NOT NULL
);

COMMENT ON TABLE draft IS 'The next version of a policy while it is written.';

CREATE TABLE draft_classification (
    id bigint NOT NULL,
    change_key character varying(64) NOT NULL,
    purposes jsonb NOT NULL,
    reason text NOT NULL,
    classified_at timestamp with time zone NOT NULL,
    draft_id bigint NOT NULL,
    staff_id bigint NOT NULL
);

COMMENT ON TABLE draft_classification IS 'What legal says a change of the draft touches, and why. A change without such a row is unclassified.';

CREATE SEQUENCE draft_classification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE draft_classification_id_seq OWNED BY draft_classification.id;

CREATE TABLE draft_editor (
    id bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    draft_id bigint NOT NULL,
    staff_id bigint NOT NULL
);

COMMENT ON TABLE draft_editor IS 'Someone who edited the draft''s text, classification or terms: not one who may approve it.';

CREATE SEQUENCE draft_editor_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE draft_editor_id_seq OWNED BY draft_editor.id;

CREATE SEQUENCE draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE draft_id_seq OWNED BY draft.id;

CREATE TABLE draft_translation (
    id bigint NOT NULL,
    language character varying(16) NOT NULL,
    text text NOT NULL,
    draft_id bigint NOT NULL
);

COMMENT ON TABLE draft_translation IS 'The draft''s text in another language. It is not authoritative.';

CREATE SEQUENCE draft_translation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE draft_translation_id_seq OWNED BY draft_translation.id;

CREATE TABLE event (
    id bigint NOT NULL,
    action character varying(64) NOT NULL,
    actor character varying(64) NOT NULL,
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    member_id bigint,
    policy_id bigint,
    version_id bigint,
    facts jsonb NOT NULL
);

COMMENT ON TABLE event IS 'Who did what, when, about whom. Written in the action''s own transaction, triggers refuse any later touch.';

CREATE SEQUENCE event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE event_id_seq OWNED BY event.id;

CREATE TABLE mail_domain (
    id bigint NOT NULL,
    domain character varying(255) NOT NULL,
    spent_until timestamp with time zone,
    paused_at timestamp with time zone,
    paused_until timestamp with time zone,
    reply text NOT NULL,
    CONSTRAINT mail_domain_paused_in_order CHECK (((paused_until IS NULL) OR (paused_until > paused_at))),
    CONSTRAINT mail_domain_paused_whole CHECK (((paused_at IS NULL) = (paused_until IS NULL)))
);

COMMENT ON TABLE mail_domain IS 'What all processes that send have to know of one domain, in lower case and ASCII. Instants are in UTC.';

CREATE SEQUENCE mail_domain_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE mail_domain_id_seq OWNED BY mail_domain.id;

CREATE TABLE member (
    id bigint NOT NULL,
    external_id character varying(200) NOT NULL,
    language character varying(16) NOT NULL,
    zone character varying(64),
    link_epoch integer NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE member IS 'A member, known by a surrogate id, `external_id` is the company''s own.';

CREATE SEQUENCE member_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE member_id_seq OWNED BY member.id;

CREATE TABLE member_request (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    number character varying(32) NOT NULL,
    kind character varying(16) NOT NULL,
    way character varying(16) NOT NULL,
    staff_id bigint,
    due_at timestamp with time zone NOT NULL,
    extended_at timestamp with time zone,
    ended_at timestamp with time zone,
    ended_as character varying(16),
    ended_by bigint,
    answer_id bigint,
    change_id bigint,
    extension_id bigint,
    member_id bigint NOT NULL,
    remark_id bigint,
    CONSTRAINT member_request_due_later CHECK ((due_at > received_at)),
    CONSTRAINT member_request_end_known CHECK (((ended_as)::text = ANY ((ARRAY['answered'::character varying, 'refused'::character varying, 'withdrawn'::character varying])::text[]))),
    CONSTRAINT member_request_ended_whole CHECK (((ended_at IS NULL) = (ended_as IS NULL))),
    CONSTRAINT member_request_kind_known CHECK (((kind)::text = ANY ((ARRAY['closing'::character varying, 'export'::character varying, 'access'::character varying, 'address'::character varying])::text[]))),
    CONSTRAINT member_request_of_a_change CHECK (((change_id IS NULL) = ((kind)::text <> 'address'::text))),
    CONSTRAINT member_request_way_known CHECK (((way)::text = ANY ((ARRAY['link'::character varying, 'account'::character varying, 'letter'::character varying, 'call'::character varying, 'reply'::character varying, 'in_person'::character varying, 'email'::character varying])::text[])))
);

COMMENT ON TABLE member_request IS 'A request, open while `ended_at` is null, which is set once. `number` is the receipt''s.';

COMMENT ON COLUMN member_request.kind IS 'CLOSING: closing\nEXPORT: export\nACCESS: access\nADDRESS: address';

COMMENT ON COLUMN member_request.way IS 'LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply';

COMMENT ON COLUMN member_request.ended_as IS 'ANSWERED: answered\nREFUSED: refused\nWITHDRAWN: withdrawn';

CREATE SEQUENCE member_request_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE member_request_id_seq OWNED BY member_request.id;

CREATE TABLE member_session (
    id bigint NOT NULL,
    token_digest character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    member_id bigint NOT NULL
);

COMMENT ON TABLE member_session IS 'A sign-in of a member, the cookie names the member and a token, which is stored hashed.';

CREATE SEQUENCE member_session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE member_session_id_seq OWNED BY member_session.id;

CREATE TABLE membership (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    joined_on integer NOT NULL,
    member_id bigint NOT NULL,
    policy_id bigint NOT NULL
);

COMMENT ON TABLE membership IS 'A member is under a policy since `joined_at` (UTC), on version number `joined_on` (0: before the first).';

CREATE SEQUENCE membership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE membership_id_seq OWNED BY membership.id;

CREATE TABLE notice (
    id bigint NOT NULL,
    state character varying(16) NOT NULL,
    owner character varying(64),
    lease_until timestamp with time zone,
    next_attempt_at timestamp with time zone,
    effective_at timestamp with time zone,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    counted jsonb,
    recorded_at timestamp with time zone NOT NULL,
    member_id bigint NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT notice_opens_in_effect CHECK (((opens_at IS NULL) OR (opens_at >= effective_at))),
    CONSTRAINT notice_state_known CHECK (((state)::text = ANY ((ARRAY['posted'::character varying, 'queued'::character varying, 'sending'::character varying, 'accepted'::character varying, 'deferred'::character varying, 'failed'::character varying, 'unknown'::character varying, 'refused'::character varying])::text[]))),
    CONSTRAINT notice_window_in_order CHECK (((closes_at IS NULL) OR (closes_at > opens_at)))
);

COMMENT ON TABLE notice IS 'One member x one version: what is owed, and how far its mailing has come.';

COMMENT ON COLUMN notice.state IS 'POSTED: posted\nQUEUED: queued\nSENDING: sending\nACCEPTED: accepted\nDEFERRED: deferred\nFAILED: failed\nUNKNOWN: unknown\nREFUSED: refused';

CREATE SEQUENCE notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE notice_id_seq OWNED BY notice.id;

CREATE TABLE objected_change (
    id bigint NOT NULL,
    change_id bigint NOT NULL,
    member_id bigint NOT NULL,
    objection_id bigint NOT NULL
);

COMMENT ON TABLE objected_change IS 'A change that an objection covers.';

CREATE SEQUENCE objected_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE objected_change_id_seq OWNED BY objected_change.id;

CREATE TABLE objection (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    number character varying(32) NOT NULL,
    closing boolean NOT NULL,
    way character varying(16) NOT NULL,
    staff_id bigint,
    withdrawn_at timestamp with time zone,
    withdrawn_recorded_at timestamp with time zone,
    withdrawn_sequence bigint,
    member_id bigint NOT NULL,
    remark_id bigint,
    version_id bigint NOT NULL,
    amends_id bigint,
    restores_id bigint,
    CONSTRAINT objection_way_known CHECK (((way)::text = ANY ((ARRAY['link'::character varying, 'account'::character varying, 'letter'::character varying, 'call'::character varying, 'reply'::character varying, 'in_person'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT objection_withdrawn_whole CHECK (((withdrawn_at IS NULL) = (withdrawn_recorded_at IS NULL)))
);

COMMENT ON TABLE objection IS 'A member''s objection to a version, in force while `withdrawn_at` is null, which is set once.';

COMMENT ON COLUMN objection.way IS 'LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply';

CREATE SEQUENCE objection_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE objection_id_seq OWNED BY objection.id;

CREATE TABLE one_time_code (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    tries integer NOT NULL,
    member_id bigint NOT NULL,
    objection_id bigint,
    declaration_id bigint
);

COMMENT ON TABLE one_time_code IS 'A code mailed to the address on file. The code itself is computed from its row with the portal''s key, not stored.';

CREATE SEQUENCE one_time_code_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE one_time_code_id_seq OWNED BY one_time_code.id;

CREATE TABLE opt_out (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    purpose character varying(64) NOT NULL,
    direction character varying(8) NOT NULL,
    way character varying(16) NOT NULL,
    member_id bigint NOT NULL,
    CONSTRAINT opt_out_direction_known CHECK (((direction)::text = ANY ((ARRAY['out'::character varying, 'in'::character varying])::text[])))
);

COMMENT ON TABLE opt_out IS 'A purpose stopped (`out`) or allowed again (`in`), everywhere and for all data, the last one counts.';

COMMENT ON COLUMN opt_out.direction IS 'OUT: out\nIN: in';

COMMENT ON COLUMN opt_out.way IS 'LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply';

CREATE SEQUENCE opt_out_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE opt_out_id_seq OWNED BY opt_out.id;

CREATE TABLE outgoing_mail (
    id bigint NOT NULL,
    kind character varying(16) NOT NULL,
    about jsonb NOT NULL,
    state character varying(16) NOT NULL,
    owner character varying(64),
    lease_until timestamp with time zone,
    next_attempt_at timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    message_id character varying(200) NOT NULL,
    reply text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    address_id bigint,
    member_id bigint,
    staff_id bigint
);

COMMENT ON TABLE outgoing_mail IS 'A mail to one member or one of the staff, written in the transaction of what it tells.';

COMMENT ON COLUMN outgoing_mail.kind IS 'RECEIPT: receipt\nWITHDRAWAL: withdrawal\nCODE: code\nSIGN_IN: sign_in\nCLOSED: closed\nPROOF: proof';

CREATE SEQUENCE outgoing_mail_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE outgoing_mail_id_seq OWNED BY outgoing_mail.id;

CREATE TABLE policy (
    id bigint NOT NULL,
    slug character varying(64) NOT NULL,
    title character varying(200) NOT NULL,
    language character varying(16) NOT NULL,
    terms jsonb NOT NULL,
    treatments jsonb NOT NULL,
    told_of jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE policy IS 'One document with a life of its own. `terms`, `treatments` and `told_of` are the next draft''s defaults.';

CREATE SEQUENCE policy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE policy_id_seq OWNED BY policy.id;

CREATE TABLE profile (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    name character varying(300) NOT NULL,
    language character varying(16) NOT NULL,
    zone character varying(64),
    member_id bigint NOT NULL
);

COMMENT ON TABLE profile IS 'A member''s name, language and zone as given, blanked when erased.';

CREATE SEQUENCE profile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE profile_id_seq OWNED BY profile.id;

CREATE TABLE purpose (
    id bigint NOT NULL,
    key character varying(64) NOT NULL,
    title character varying(200) NOT NULL,
    about text NOT NULL
);

COMMENT ON TABLE purpose IS 'Something the company uses personal data for, the same in all its policies.';

CREATE SEQUENCE purpose_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE purpose_id_seq OWNED BY purpose.id;

CREATE TABLE put_off_notice (
    id bigint NOT NULL,
    domain_id bigint NOT NULL,
    notice_id bigint NOT NULL
);

COMMENT ON TABLE put_off_notice IS 'A notice that its domain may not get yet, the first one first. It is due when this row is deleted.';

CREATE SEQUENCE put_off_notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE put_off_notice_id_seq OWNED BY put_off_notice.id;

CREATE TABLE recipient_roll (
    id bigint NOT NULL,
    members bigint NOT NULL,
    last_notice_id bigint NOT NULL,
    digest character varying(80) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT recipient_roll_ends CHECK (((members = 0) = (last_notice_id = 0))),
    CONSTRAINT recipient_roll_number_known CHECK ((members >= 0))
);

COMMENT ON TABLE recipient_roll IS 'The members who were owed a notice when the version was posted, without names and addresses. Never altered.';

CREATE SEQUENCE recipient_roll_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE recipient_roll_id_seq OWNED BY recipient_roll.id;

CREATE TABLE refusal (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    code character varying(32) NOT NULL,
    member_id bigint NOT NULL,
    notice_id bigint NOT NULL,
    sending_id bigint
);

COMMENT ON TABLE refusal IS 'No server ever will accept the notice: no address, or a permanent answer about the address itself.';

CREATE SEQUENCE refusal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE refusal_id_seq OWNED BY refusal.id;

CREATE TABLE remark (
    id bigint NOT NULL,
    text text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    member_id bigint NOT NULL
);

COMMENT ON TABLE remark IS 'Free text about a member (a reason, a letter''s reference, a server''s reply), blanked when erased.';

CREATE SEQUENCE remark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE remark_id_seq OWNED BY remark.id;

CREATE TABLE reply (
    id bigint NOT NULL,
    refusal character varying(32) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    declaration_id bigint,
    mail_id bigint,
    member_id bigint NOT NULL,
    objection_id bigint,
    returned_id bigint NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT reply_came_to_one CHECK ((((objection_id IS NULL) OR (declaration_id IS NULL)) AND (((refusal)::text <> ''::text) = ((objection_id IS NULL) AND (declaration_id IS NULL))) AND ((mail_id IS NULL) OR ((refusal)::text <> ''::text))))
);

COMMENT ON TABLE reply IS 'A letter by which the member of a notice objects to its version. Never altered.';

CREATE SEQUENCE reply_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE reply_id_seq OWNED BY reply.id;

CREATE TABLE returned_content (
    id bigint NOT NULL,
    sender character varying(320) NOT NULL,
    subject character varying(300) NOT NULL,
    recipient character varying(320) NOT NULL,
    note text NOT NULL,
    content bytea NOT NULL,
    returned_id bigint NOT NULL
);

COMMENT ON TABLE returned_content IS 'What a message said, as far as it was kept. All of it is personal, and is only ever blanked.';

CREATE SEQUENCE returned_content_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE returned_content_id_seq OWNED BY returned_content.id;

CREATE TABLE returned_mail (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    kind character varying(16) NOT NULL,
    hard boolean NOT NULL,
    status character varying(16) NOT NULL,
    reason character varying(300) NOT NULL,
    digest character varying(80) NOT NULL,
    size bigint NOT NULL,
    handled_at timestamp with time zone,
    handled_as character varying(16),
    staff_id bigint,
    erased_at timestamp with time zone,
    erased_by bigint,
    erased_why character varying(600) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT returned_mail_handled_as_known CHECK (((handled_as)::text = ANY ((ARRAY['recorded'::character varying, 'ignored'::character varying, 'noted'::character varying, 'bounce'::character varying])::text[]))),
    CONSTRAINT returned_mail_handled_whole CHECK (((handled_at IS NULL) = (handled_as IS NULL))),
    CONSTRAINT returned_mail_kind_known CHECK (((kind)::text = ANY ((ARRAY['bounce'::character varying, 'mail_bounce'::character varying, 'unknown_bounce'::character varying, 'delayed'::character varying, 'delivered'::character varying, 'complaint'::character varying, 'auto_reply'::character varying, 'letter'::character varying])::text[])))
);

COMMENT ON TABLE returned_mail IS 'A message that came in, recorded once, however often it is delivered: `digest` is of its bytes.';

COMMENT ON COLUMN returned_mail.kind IS 'BOUNCE: bounce\nMAIL_BOUNCE: mail_bounce\nUNKNOWN_BOUNCE: unknown_bounce\nDELAYED: delayed\nDELIVERED: delivered\nCOMPLAINT: complaint\nAUTO_REPLY: auto_reply\nLETTER: letter';

COMMENT ON COLUMN returned_mail.handled_as IS 'RECORDED: recorded\nIGNORED: ignored\nNOTED: noted\nBOUNCE: bounce';

CREATE SEQUENCE returned_mail_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE returned_mail_id_seq OWNED BY returned_mail.id;

CREATE TABLE returned_match (
    id bigint NOT NULL,
    matched_by character varying(16) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    mail_id bigint,
    member_id bigint,
    returned_id bigint NOT NULL,
    sending_id bigint,
    CONSTRAINT returned_match_by_known CHECK (((matched_by)::text = ANY ((ARRAY['return_path'::character varying, 'message_id'::character varying, 'ops'::character varying])::text[]))),
    CONSTRAINT returned_match_of_one CHECK (((sending_id IS NULL) <> (mail_id IS NULL)))
);

COMMENT ON TABLE returned_match IS 'The mail of ours that a message is about: a sending or another mail. No member where that went to staff.';

COMMENT ON COLUMN returned_match.matched_by IS 'RETURN_PATH: return_path\nMESSAGE_ID: message_id\nOPS: ops';

CREATE SEQUENCE returned_match_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE returned_match_id_seq OWNED BY returned_match.id;

CREATE TABLE sending (
    id bigint NOT NULL,
    number integer NOT NULL,
    message_id character varying(200) NOT NULL,
    digest character varying(80),
    state character varying(16) NOT NULL,
    attempts integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    recorded_at timestamp with time zone,
    sequence bigint,
    reply text NOT NULL,
    address_id bigint NOT NULL,
    member_id bigint NOT NULL,
    notice_id bigint NOT NULL,
    CONSTRAINT sending_accepted_whole CHECK ((((state)::text = 'accepted'::text) = (accepted_at IS NOT NULL))),
    CONSTRAINT sending_number_positive CHECK ((number > 0)),
    CONSTRAINT sending_state_known CHECK (((state)::text = ANY ((ARRAY['sending'::character varying, 'accepted'::character varying, 'deferred'::character varying, 'failed'::character varying, 'unknown'::character varying, 'refused'::character varying])::text[])))
);

COMMENT ON TABLE sending IS 'One message to one address: numbered from 1 for each notice, several attempts, one Message-ID.';

COMMENT ON COLUMN sending.state IS 'SENDING: sending\nACCEPTED: accepted\nDEFERRED: deferred\nFAILED: failed\nUNKNOWN: unknown\nREFUSED: refused';

CREATE SEQUENCE sending_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE sending_id_seq OWNED BY sending.id;

CREATE TABLE settlement (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    staff_id bigint,
    member_id bigint NOT NULL,
    objection_id bigint NOT NULL,
    remark_id bigint
);

COMMENT ON TABLE settlement IS 'The company''s systems confirmed that they keep to a freeze.';

CREATE SEQUENCE settlement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE settlement_id_seq OWNED BY settlement.id;

CREATE TABLE sight (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    way character varying(16) NOT NULL,
    staff_id bigint,
    member_id bigint NOT NULL,
    notice_id bigint NOT NULL,
    remark_id bigint,
    CONSTRAINT sight_way_known CHECK (((way)::text = ANY ((ARRAY['account'::character varying, 'letter'::character varying, 'in_person'::character varying])::text[])))
);

COMMENT ON TABLE sight IS 'The member saw the notice in the account, or ops recorded its delivery by letter or in person.';

COMMENT ON COLUMN sight.way IS 'ACCOUNT: account\nLETTER: letter\nIN_PERSON: in_person';

CREATE SEQUENCE sight_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE sight_id_seq OWNED BY sight.id;

CREATE TABLE spent_token (
    id bigint NOT NULL,
    digest character varying(80) NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE spent_token IS 'A hand-over token that signed somebody in: none does so twice. Forgotten once it is too old to be taken anyhow.';

CREATE SEQUENCE spent_token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE spent_token_id_seq OWNED BY spent_token.id;

CREATE TABLE staff (
    id bigint NOT NULL,
    email character varying(320) NOT NULL,
    name character varying(200) NOT NULL,
    password character varying(200) NOT NULL,
    roles jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone
);

COMMENT ON TABLE staff IS 'Someone who works with the portal. `roles` is a list of Role values, `password` an Argon2 hash.';

CREATE SEQUENCE staff_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE staff_id_seq OWNED BY staff.id;

CREATE TABLE staff_session (
    id bigint NOT NULL,
    token_digest character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    staff_id bigint NOT NULL
);

COMMENT ON TABLE staff_session IS 'A sign-in of staff, the cookie''s token is stored hashed.';

CREATE SEQUENCE staff_session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE staff_session_id_seq OWNED BY staff_session.id;

CREATE TABLE stored_comparison (
    id bigint NOT NULL,
    engine character varying(16) NOT NULL,
    record jsonb NOT NULL,
    made_at timestamp with time zone NOT NULL,
    newer_id bigint NOT NULL,
    older_id bigint NOT NULL
);

COMMENT ON TABLE stored_comparison IS 'Two versions of a policy compared by one engine, beside what a publication holds itself. Never altered.';

CREATE SEQUENCE stored_comparison_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE stored_comparison_id_seq OWNED BY stored_comparison.id;

CREATE TABLE submission (
    received_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id bigint NOT NULL,
    number character varying(32) NOT NULL,
    kind character varying(16) NOT NULL,
    way character varying(16) NOT NULL,
    staff_id bigint NOT NULL,
    purpose character varying(64) NOT NULL,
    declaration_id bigint,
    member_id bigint NOT NULL,
    objection_id bigint,
    reference_id bigint NOT NULL,
    remark_id bigint,
    representative_id bigint,
    request_id bigint,
    CONSTRAINT submission_kind_known CHECK (((kind)::text = ANY ((ARRAY['objection'::character varying, 'withdrawal'::character varying, 'opt_out'::character varying, 'opt_in'::character varying, 'consent'::character varying, 'closing'::character varying, 'export'::character varying, 'access'::character varying, 'confirmation'::character varying])::text[]))),
    CONSTRAINT submission_not_ahead CHECK ((received_at <= recorded_at)),
    CONSTRAINT submission_of_its_kind CHECK (((((kind)::text = ANY ((ARRAY['objection'::character varying, 'withdrawal'::character varying])::text[])) AND (objection_id IS NOT NULL)) OR (((kind)::text = ANY ((ARRAY['opt_out'::character varying, 'opt_in'::character varying])::text[])) AND ((purpose)::text <> ''::text)) OR (((kind)::text = 'consent'::text) AND ((purpose)::text <> ''::text) AND (declaration_id IS NOT NULL)) OR (((kind)::text = ANY ((ARRAY['closing'::character varying, 'export'::character varying, 'access'::character varying])::text[])) AND (request_id IS NOT NULL)) OR (((kind)::text = 'confirmation'::text) AND ((objection_id IS NULL) <> (declaration_id IS NULL))))),
    CONSTRAINT submission_way_known CHECK (((way)::text = ANY ((ARRAY['letter'::character varying, 'call'::character varying, 'in_person'::character varying, 'reply'::character varying, 'email'::character varying])::text[])))
);

COMMENT ON TABLE submission IS 'A letter, a call, a visit or a mail, and what it led to. Never altered.';

COMMENT ON COLUMN submission.kind IS 'OBJECTION: objection\nWITHDRAWAL: withdrawal\nOPT_OUT: opt_out\nOPT_IN: opt_in\nCONSENT: consent\nCLOSING: closing\nEXPORT: export\nACCESS: access\nCONFIRMATION: confirmation';

COMMENT ON COLUMN submission.way IS 'LINK: link\nACCOUNT: account\nLETTER: letter\nCALL: call\nREPLY: reply\nIN_PERSON: in_person\nEMAIL: email';

CREATE SEQUENCE submission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE submission_id_seq OWNED BY submission.id;

CREATE TABLE submitted_file (
    id bigint NOT NULL,
    ordinal integer NOT NULL,
    name character varying(200) NOT NULL,
    media_type character varying(32) NOT NULL,
    size bigint NOT NULL,
    digest character varying(80) NOT NULL,
    erased_at timestamp with time zone,
    erased_by bigint,
    erased_why character varying(600) NOT NULL,
    member_id bigint NOT NULL,
    submission_id bigint NOT NULL,
    CONSTRAINT submitted_file_erased_whole CHECK ((((erased_at IS NULL) AND (erased_by IS NULL) AND ((erased_why)::text = ''::text)) OR ((erased_at IS NOT NULL) AND (erased_by IS NOT NULL) AND ((erased_why)::text <> ''::text) AND ((name)::text = ''::text)))),
    CONSTRAINT submitted_file_few CHECK (((ordinal >= 1) AND (ordinal <= 5))),
    CONSTRAINT submitted_file_small CHECK (((size >= 1) AND (size <= 10000000))),
    CONSTRAINT submitted_file_type_known CHECK (((media_type)::text = ANY ((ARRAY['application/pdf'::character varying, 'image/png'::character varying, 'image/jpeg'::character varying, 'image/tiff'::character varying, 'text/plain'::character varying, 'message/rfc822'::character varying])::text[])))
);

COMMENT ON TABLE submitted_file IS 'A scan, or a mail as a file, that came with a submission: what stays known of it for good.';

COMMENT ON COLUMN submitted_file.media_type IS 'PDF: application/pdf\nPNG: image/png\nJPEG: image/jpeg\nTIFF: image/tiff\nTEXT: text/plain\nMAIL: message/rfc822';

CREATE SEQUENCE submitted_file_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE submitted_file_id_seq OWNED BY submitted_file.id;

CREATE TABLE submitted_piece (
    id bigint NOT NULL,
    ordinal integer NOT NULL,
    content bytea NOT NULL,
    file_id bigint NOT NULL,
    member_id bigint NOT NULL
);

COMMENT ON TABLE submitted_piece IS 'A piece of a file''s bytes, in their order from 0 on, blanked when the file is erased.';

CREATE SEQUENCE submitted_piece_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE submitted_piece_id_seq OWNED BY submitted_piece.id;

CREATE TABLE tortoise_migrations (
    id integer NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied_at timestamp with time zone NOT NULL
);

CREATE SEQUENCE tortoise_migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE tortoise_migrations_id_seq OWNED BY tortoise_migrations.id;

CREATE TABLE version (
    id bigint NOT NULL,
    number integer NOT NULL,
    language character varying(16) NOT NULL,
    digest character varying(80) NOT NULL,
    summary text NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    terms jsonb NOT NULL,
    treatments jsonb NOT NULL,
    told_of jsonb NOT NULL,
    comparison jsonb,
    author character varying(200) NOT NULL,
    approver character varying(200) NOT NULL,
    author_id bigint,
    approver_id bigint,
    draft_id bigint,
    mailed boolean NOT NULL,
    policy_id bigint NOT NULL,
    CONSTRAINT version_number_positive CHECK ((number > 0))
);

COMMENT ON TABLE version IS 'One published text of a policy. Never altered: triggers refuse it.';

CREATE SEQUENCE version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE version_id_seq OWNED BY version.id;

CREATE TABLE version_text (
    id bigint NOT NULL,
    language character varying(16) NOT NULL,
    text text NOT NULL,
    digest character varying(80) NOT NULL,
    authoritative boolean NOT NULL,
    version_id bigint NOT NULL
);

COMMENT ON TABLE version_text IS 'A version''s exact text in one language, one of a version''s texts is authoritative.';

CREATE SEQUENCE version_text_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE version_text_id_seq OWNED BY version_text.id;

ALTER TABLE ONLY address ALTER COLUMN id SET DEFAULT nextval('address_id_seq'::regclass);

ALTER TABLE ONLY address_change ALTER COLUMN id SET DEFAULT nextval('address_change_id_seq'::regclass);

ALTER TABLE ONLY api_token ALTER COLUMN id SET DEFAULT nextval('api_token_id_seq'::regclass);

ALTER TABLE ONLY approval ALTER COLUMN id SET DEFAULT nextval('approval_id_seq'::regclass);

ALTER TABLE ONLY attempt ALTER COLUMN id SET DEFAULT nextval('attempt_id_seq'::regclass);

ALTER TABLE ONLY bounce ALTER COLUMN id SET DEFAULT nextval('bounce_id_seq'::regclass);

ALTER TABLE ONLY campaign_hold ALTER COLUMN id SET DEFAULT nextval('campaign_hold_id_seq'::regclass);

ALTER TABLE ONLY change ALTER COLUMN id SET DEFAULT nextval('change_id_seq'::regclass);

ALTER TABLE ONLY classification ALTER COLUMN id SET DEFAULT nextval('classification_id_seq'::regclass);

ALTER TABLE ONLY closure ALTER COLUMN id SET DEFAULT nextval('closure_id_seq'::regclass);

ALTER TABLE ONLY confirmation ALTER COLUMN id SET DEFAULT nextval('confirmation_id_seq'::regclass);

ALTER TABLE ONLY consent ALTER COLUMN id SET DEFAULT nextval('consent_id_seq'::regclass);

ALTER TABLE ONLY declaration ALTER COLUMN id SET DEFAULT nextval('declaration_id_seq'::regclass);

ALTER TABLE ONLY draft ALTER COLUMN id SET DEFAULT nextval('draft_id_seq'::regclass);

ALTER TABLE ONLY draft_classification ALTER COLUMN id SET DEFAULT nextval('draft_classification_id_seq'::regclass);

ALTER TABLE ONLY draft_editor ALTER COLUMN id SET DEFAULT nextval('draft_editor_id_seq'::regclass);

ALTER TABLE ONLY draft_translation ALTER COLUMN id SET DEFAULT nextval('draft_translation_id_seq'::regclass);

ALTER TABLE ONLY event ALTER COLUMN id SET DEFAULT nextval('event_id_seq'::regclass);

ALTER TABLE ONLY mail_domain ALTER COLUMN id SET DEFAULT nextval('mail_domain_id_seq'::regclass);

ALTER TABLE ONLY member ALTER COLUMN id SET DEFAULT nextval('member_id_seq'::regclass);

ALTER TABLE ONLY member_request ALTER COLUMN id SET DEFAULT nextval('member_request_id_seq'::regclass);

ALTER TABLE ONLY member_session ALTER COLUMN id SET DEFAULT nextval('member_session_id_seq'::regclass);

ALTER TABLE ONLY membership ALTER COLUMN id SET DEFAULT nextval('membership_id_seq'::regclass);

ALTER TABLE ONLY notice ALTER COLUMN id SET DEFAULT nextval('notice_id_seq'::regclass);

ALTER TABLE ONLY objected_change ALTER COLUMN id SET DEFAULT nextval('objected_change_id_seq'::regclass);

ALTER TABLE ONLY objection ALTER COLUMN id SET DEFAULT nextval('objection_id_seq'::regclass);

ALTER TABLE ONLY one_time_code ALTER COLUMN id SET DEFAULT nextval('one_time_code_id_seq'::regclass);

ALTER TABLE ONLY opt_out ALTER COLUMN id SET DEFAULT nextval('opt_out_id_seq'::regclass);

ALTER TABLE ONLY outgoing_mail ALTER COLUMN id SET DEFAULT nextval('outgoing_mail_id_seq'::regclass);

ALTER TABLE ONLY policy ALTER COLUMN id SET DEFAULT nextval('policy_id_seq'::regclass);

ALTER TABLE ONLY profile ALTER COLUMN id SET DEFAULT nextval('profile_id_seq'::regclass);

ALTER TABLE ONLY purpose ALTER COLUMN id SET DEFAULT nextval('purpose_id_seq'::regclass);

ALTER TABLE ONLY put_off_notice ALTER COLUMN id SET DEFAULT nextval('put_off_notice_id_seq'::regclass);

ALTER TABLE ONLY recipient_roll ALTER COLUMN id SET DEFAULT nextval('recipient_roll_id_seq'::regclass);

ALTER TABLE ONLY refusal ALTER COLUMN id SET DEFAULT nextval('refusal_id_seq'::regclass);

ALTER TABLE ONLY remark ALTER COLUMN id SET DEFAULT nextval('remark_id_seq'::regclass);

ALTER TABLE ONLY reply ALTER COLUMN id SET DEFAULT nextval('reply_id_seq'::regclass);

ALTER TABLE ONLY returned_content ALTER COLUMN id SET DEFAULT nextval('returned_content_id_seq'::regclass);

ALTER TABLE ONLY returned_mail ALTER COLUMN id SET DEFAULT nextval('returned_mail_id_seq'::regclass);

ALTER TABLE ONLY returned_match ALTER COLUMN id SET DEFAULT nextval('returned_match_id_seq'::regclass);

ALTER TABLE ONLY sending ALTER COLUMN id SET DEFAULT nextval('sending_id_seq'::regclass);

ALTER TABLE ONLY settlement ALTER COLUMN id SET DEFAULT nextval('settlement_id_seq'::regclass);

ALTER TABLE ONLY sight ALTER COLUMN id SET DEFAULT nextval('sight_id_seq'::regclass);

ALTER TABLE ONLY spent_token ALTER COLUMN id SET DEFAULT nextval('spent_token_id_seq'::regclass);

ALTER TABLE ONLY staff ALTER COLUMN id SET DEFAULT nextval('staff_id_seq'::regclass);

ALTER TABLE ONLY staff_session ALTER COLUMN id SET DEFAULT nextval('staff_session_id_seq'::regclass);

ALTER TABLE ONLY stored_comparison ALTER COLUMN id SET DEFAULT nextval('stored_comparison_id_seq'::regclass);

ALTER TABLE ONLY submission ALTER COLUMN id SET DEFAULT nextval('submission_id_seq'::regclass);

ALTER TABLE ONLY submitted_file ALTER COLUMN id SET DEFAULT nextval('submitted_file_id_seq'::regclass);

ALTER TABLE ONLY submitted_piece ALTER COLUMN id SET DEFAULT nextval('submitted_piece_id_seq'::regclass);

ALTER TABLE ONLY tortoise_migrations ALTER COLUMN id SET DEFAULT nextval('tortoise_migrations_id_seq'::regclass);

ALTER TABLE ONLY version ALTER COLUMN id SET DEFAULT nextval('version_id_seq'::regclass);

ALTER TABLE ONLY version_text ALTER COLUMN id SET DEFAULT nextval('version_text_id_seq'::regclass);

ALTER TABLE ONLY address_change
    ADD CONSTRAINT address_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY address
    ADD CONSTRAINT address_pkey PRIMARY KEY (id);

ALTER TABLE ONLY api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY api_token
    ADD CONSTRAINT api_token_token_digest_key UNIQUE (token_digest);

ALTER TABLE ONLY approval
    ADD CONSTRAINT approval_once UNIQUE (draft_id, digest, staff_id);

ALTER TABLE ONLY approval
    ADD CONSTRAINT approval_pkey PRIMARY KEY (id);

ALTER TABLE ONLY attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY bounce
    ADD CONSTRAINT bounce_once UNIQUE (member_id, sending_id);

ALTER TABLE ONLY bounce
    ADD CONSTRAINT bounce_pkey PRIMARY KEY (id);

ALTER TABLE ONLY campaign_hold
    ADD CONSTRAINT campaign_hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY change
    ADD CONSTRAINT change_once UNIQUE (version_id, key);

ALTER TABLE ONLY change
    ADD CONSTRAINT change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY classification
    ADD CONSTRAINT classification_once UNIQUE (change_id);

ALTER TABLE ONLY classification
    ADD CONSTRAINT classification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY closure
    ADD CONSTRAINT closure_once UNIQUE (member_id);

ALTER TABLE ONLY closure
    ADD CONSTRAINT closure_pkey PRIMARY KEY (id);

ALTER TABLE ONLY confirmation
    ADD CONSTRAINT confirmation_once UNIQUE (member_id, objection_id);

ALTER TABLE ONLY confirmation
    ADD CONSTRAINT confirmation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY consent
    ADD CONSTRAINT consent_once UNIQUE (member_id, version_id, purpose);

ALTER TABLE ONLY consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY declaration
    ADD CONSTRAINT declaration_number_once UNIQUE (member_id, number);

ALTER TABLE ONLY declaration
    ADD CONSTRAINT declaration_pkey PRIMARY KEY (id);

ALTER TABLE ONLY draft_classification
    ADD CONSTRAINT draft_classification_once UNIQUE (draft_id, change_key);

ALTER TABLE ONLY draft_classification
    ADD CONSTRAINT draft_classification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY draft_editor
    ADD CONSTRAINT draft_editor_once UNIQUE (draft_id, staff_id);

ALTER TABLE ONLY draft_editor
    ADD CONSTRAINT draft_editor_pkey PRIMARY KEY (id);

ALTER TABLE ONLY draft
    ADD CONSTRAINT draft_pkey PRIMARY KEY (id);

ALTER TABLE ONLY draft_translation
    ADD CONSTRAINT draft_translation_once UNIQUE (draft_id, language);

ALTER TABLE ONLY draft_translation
    ADD CONSTRAINT draft_translation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY mail_domain
    ADD CONSTRAINT mail_domain_once UNIQUE (domain);

ALTER TABLE ONLY mail_domain
    ADD CONSTRAINT mail_domain_pkey PRIMARY KEY (id);

ALTER TABLE ONLY member
    ADD CONSTRAINT member_external_id_key UNIQUE (external_id);

ALTER TABLE ONLY member
    ADD CONSTRAINT member_pkey PRIMARY KEY (id);

ALTER TABLE ONLY member_request
    ADD CONSTRAINT member_request_number_once UNIQUE (member_id, number);

ALTER TABLE ONLY member_request
    ADD CONSTRAINT member_request_pkey PRIMARY KEY (id);

ALTER TABLE ONLY member_session
    ADD CONSTRAINT member_session_once UNIQUE (member_id, token_digest);

ALTER TABLE ONLY member_session
    ADD CONSTRAINT member_session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY membership
    ADD CONSTRAINT membership_once UNIQUE (member_id, policy_id);

ALTER TABLE ONLY membership
    ADD CONSTRAINT membership_pkey PRIMARY KEY (id);

ALTER TABLE ONLY notice
    ADD CONSTRAINT notice_once UNIQUE (member_id, version_id);

ALTER TABLE ONLY notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY objected_change
    ADD CONSTRAINT objected_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY objected_change
    ADD CONSTRAINT objected_once UNIQUE (member_id, objection_id, change_id);

ALTER TABLE ONLY objection
    ADD CONSTRAINT objection_number_once UNIQUE (member_id, number);

ALTER TABLE ONLY objection
    ADD CONSTRAINT objection_pkey PRIMARY KEY (id);

ALTER TABLE ONLY one_time_code
    ADD CONSTRAINT one_time_code_pkey PRIMARY KEY (id);

ALTER TABLE ONLY opt_out
    ADD CONSTRAINT opt_out_pkey PRIMARY KEY (id);

ALTER TABLE ONLY outgoing_mail
    ADD CONSTRAINT outgoing_mail_pkey PRIMARY KEY (id);

ALTER TABLE ONLY policy
    ADD CONSTRAINT policy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY policy
    ADD CONSTRAINT policy_slug_key UNIQUE (slug);

ALTER TABLE ONLY profile
    ADD CONSTRAINT profile_pkey PRIMARY KEY (id);

ALTER TABLE ONLY purpose
    ADD CONSTRAINT purpose_key_key UNIQUE (key);

ALTER TABLE ONLY purpose
    ADD CONSTRAINT purpose_pkey PRIMARY KEY (id);

ALTER TABLE ONLY put_off_notice
    ADD CONSTRAINT put_off_notice_once UNIQUE (notice_id);

ALTER TABLE ONLY put_off_notice
    ADD CONSTRAINT put_off_notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY recipient_roll
    ADD CONSTRAINT recipient_roll_once UNIQUE (version_id);

ALTER TABLE ONLY recipient_roll
    ADD CONSTRAINT recipient_roll_pkey PRIMARY KEY (id);

ALTER TABLE ONLY refusal
    ADD CONSTRAINT refusal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY remark
    ADD CONSTRAINT remark_pkey PRIMARY KEY (id);

ALTER TABLE ONLY reply
    ADD CONSTRAINT reply_once UNIQUE (member_id, returned_id);

ALTER TABLE ONLY reply
    ADD CONSTRAINT reply_pkey PRIMARY KEY (id);

ALTER TABLE ONLY returned_content
    ADD CONSTRAINT returned_content_once UNIQUE (returned_id);

ALTER TABLE ONLY returned_content
    ADD CONSTRAINT returned_content_pkey PRIMARY KEY (id);

ALTER TABLE ONLY returned_mail
    ADD CONSTRAINT returned_mail_digest_key UNIQUE (digest);

ALTER TABLE ONLY returned_mail
    ADD CONSTRAINT returned_mail_pkey PRIMARY KEY (id);

ALTER TABLE ONLY returned_match
    ADD CONSTRAINT returned_match_once UNIQUE (member_id, returned_id, matched_by);

ALTER TABLE ONLY returned_match
    ADD CONSTRAINT returned_match_pkey PRIMARY KEY (id);

ALTER TABLE ONLY sending
    ADD CONSTRAINT sending_once UNIQUE (member_id, notice_id, number);

ALTER TABLE ONLY sending
    ADD CONSTRAINT sending_pkey PRIMARY KEY (id);

ALTER TABLE ONLY settlement
    ADD CONSTRAINT settlement_once UNIQUE (member_id, objection_id);

ALTER TABLE ONLY settlement
    ADD CONSTRAINT settlement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY sight
    ADD CONSTRAINT sight_pkey PRIMARY KEY (id);

ALTER TABLE ONLY spent_token
    ADD CONSTRAINT spent_token_digest_key UNIQUE (digest);

ALTER TABLE ONLY spent_token
    ADD CONSTRAINT spent_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY staff
    ADD CONSTRAINT staff_email_key UNIQUE (email);

ALTER TABLE ONLY staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (id);

ALTER TABLE ONLY staff_session
    ADD CONSTRAINT staff_session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY staff_session
    ADD CONSTRAINT staff_session_token_digest_key UNIQUE (token_digest);

ALTER TABLE ONLY stored_comparison
    ADD CONSTRAINT stored_comparison_once UNIQUE (newer_id, older_id, engine);

ALTER TABLE ONLY stored_comparison
    ADD CONSTRAINT stored_comparison_pkey PRIMARY KEY (id);

ALTER TABLE ONLY submission
    ADD CONSTRAINT submission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY submitted_file
    ADD CONSTRAINT submitted_file_once UNIQUE (member_id, submission_id, ordinal);

ALTER TABLE ONLY submitted_file
    ADD CONSTRAINT submitted_file_pkey PRIMARY KEY (id);

ALTER TABLE ONLY submitted_piece
    ADD CONSTRAINT submitted_piece_once UNIQUE (member_id, file_id, ordinal);

ALTER TABLE ONLY submitted_piece
    ADD CONSTRAINT submitted_piece_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tortoise_migrations
    ADD CONSTRAINT tortoise_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY attempt
    ADD CONSTRAINT uid_attempt_key_13036b UNIQUE (key, span_start);

ALTER TABLE ONLY tortoise_migrations
    ADD CONSTRAINT uid_tortoise_mi_app_3803a5 UNIQUE (app, name);

ALTER TABLE ONLY version
    ADD CONSTRAINT version_once UNIQUE (policy_id, number);

ALTER TABLE ONLY version
    ADD CONSTRAINT version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY version
    ADD CONSTRAINT version_posted_once UNIQUE (policy_id, posted_at);

ALTER TABLE ONLY version_text
    ADD CONSTRAINT version_text_once UNIQUE (version_id, language);

ALTER TABLE ONLY version_text
    ADD CONSTRAINT version_text_pkey PRIMARY KEY (id);

CREATE INDEX address_by_digest ON address USING btree (digest);

CREATE INDEX address_change_of_member ON address_change USING btree (member_id, received_at);

CREATE UNIQUE INDEX address_change_one ON address_change USING btree (member_id) WHERE (ended_at IS NULL);

CREATE INDEX address_of_member ON address USING btree (member_id, received_at, sequence);

CREATE UNIQUE INDEX campaign_hold_one ON campaign_hold USING btree (version_id) WHERE (lifted_at IS NULL);

CREATE UNIQUE INDEX declaration_one_open ON declaration USING btree (member_id, version_id, kind, purpose) WHERE (decided_at IS NULL);

CREATE UNIQUE INDEX draft_one_open ON draft USING btree (policy_id) WHERE ((published_as IS NULL) AND (dropped_at IS NULL));

CREATE INDEX event_of_member ON event USING btree (member_id, id);

CREATE INDEX event_of_policy ON event USING btree (policy_id, id) WHERE (member_id IS NULL);

CREATE INDEX member_request_due ON member_request USING btree (ended_at, due_at);

CREATE UNIQUE INDEX member_request_one ON member_request USING btree (member_id, kind) WHERE (ended_at IS NULL);

CREATE INDEX membership_of_policy ON membership USING btree (policy_id, joined_at);

CREATE INDEX notice_due ON notice USING btree (version_id, member_id) WHERE (next_attempt_at IS NOT NULL);

CREATE INDEX notice_in_order ON notice USING btree (version_id, member_id);

CREATE INDEX notice_states ON notice USING btree (version_id, state, closes_at);

CREATE INDEX objection_of_version ON objection USING btree (version_id, closing);

CREATE UNIQUE INDEX objection_one_in_force ON objection USING btree (member_id, version_id) WHERE (withdrawn_at IS NULL);

CREATE INDEX one_time_code_of_member ON one_time_code USING btree (member_id, objection_id);

CREATE INDEX opt_out_of_member ON opt_out USING btree (member_id, purpose);

CREATE INDEX outgoing_mail_by_message_id ON outgoing_mail USING btree (message_id);

CREATE INDEX outgoing_mail_due ON outgoing_mail USING btree (state, next_attempt_at);

CREATE INDEX profile_of_member ON profile USING btree (member_id, received_at, sequence);

CREATE INDEX put_off_notice_in_order ON put_off_notice USING btree (domain_id, id);

CREATE INDEX refusal_of_notice ON refusal USING btree (member_id, notice_id);

CREATE INDEX reply_of ON reply USING btree (returned_id);

CREATE UNIQUE INDEX reply_told_once ON reply USING btree (member_id, version_id) WHERE (mail_id IS NOT NULL);

CREATE INDEX returned_mail_not_erased ON returned_mail USING btree (handled_at) WHERE (erased_at IS NULL);

CREATE INDEX returned_mail_waiting ON returned_mail USING btree (handled_at, kind);

CREATE INDEX returned_match_of ON returned_match USING btree (returned_id);

CREATE INDEX sending_accepted ON sending USING btree (accepted_at, notice_id) WHERE (accepted_at IS NOT NULL);

CREATE UNIQUE INDEX sight_in_account_once ON sight USING btree (member_id, notice_id) WHERE ((way)::text = 'account'::text);

CREATE INDEX sight_of_notice ON sight USING btree (member_id, notice_id);

CREATE INDEX submission_of_member ON submission USING btree (member_id, received_at);

CREATE INDEX submission_of_objection ON submission USING btree (objection_id);

CREATE UNIQUE INDEX version_text_one_authoritative ON version_text USING btree (version_id) WHERE authoritative;

CREATE TRIGGER address_change_kept BEFORE UPDATE ON address_change FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR ((new.digest)::text IS DISTINCT FROM (old.digest)::text) OR (new.old_address_id IS DISTINCT FROM old.old_address_id) OR (new.expires_at IS DISTINCT FROM old.expires_at) OR (new.received_at IS DISTINCT FROM old.received_at) OR (new.recorded_at IS DISTINCT FROM old.recorded_at) OR (new.sequence IS DISTINCT FROM old.sequence) OR ((((new.address)::text <> (old.address)::text) AND ((new.address)::text <> ''::text)) OR ((old.new_confirmed_at IS NOT NULL) AND ((new.new_confirmed_at IS NULL) OR (new.new_confirmed_at <> old.new_confirmed_at))) OR ((old.old_confirmed_at IS NOT NULL) AND ((new.old_confirmed_at IS NULL) OR (new.old_confirmed_at <> old.old_confirmed_at))) OR ((old.handed_at IS NOT NULL) AND ((new.handed_at IS NULL) OR (new.handed_at <> old.handed_at))) OR ((old.ended_at IS NOT NULL) AND ((new.ended_at IS NULL) OR (new.ended_at <> old.ended_at) OR ((new.ended_as)::text <> (old.ended_as)::text)))))) EXECUTE FUNCTION refuse('an address change is confirmed, handed over and ended once');

CREATE TRIGGER address_change_never_deleted BEFORE DELETE ON address_change FOR EACH ROW EXECUTE FUNCTION refuse('an address change is confirmed, handed over and ended once');

CREATE TRIGGER address_change_never_emptied BEFORE TRUNCATE ON address_change FOR EACH STATEMENT EXECUTE FUNCTION refuse('an address change is confirmed, handed over and ended once');

CREATE TRIGGER address_kept BEFORE UPDATE ON address FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR ((new.digest)::text IS DISTINCT FROM (old.digest)::text) OR (new.received_at IS DISTINCT FROM old.received_at) OR (new.recorded_at IS DISTINCT FROM old.recorded_at) OR (new.sequence IS DISTINCT FROM old.sequence) OR (((new.address)::text <> (old.address)::text) AND ((new.address)::text <> ''::text)))) EXECUTE FUNCTION refuse('an address given is only ever blanked');

CREATE TRIGGER address_never_deleted BEFORE DELETE ON address FOR EACH ROW EXECUTE FUNCTION refuse('an address given is only ever blanked');

CREATE TRIGGER address_never_emptied BEFORE TRUNCATE ON address FOR EACH STATEMENT EXECUTE FUNCTION refuse('an address given is only ever blanked');

CREATE TRIGGER approval_by_another BEFORE INSERT ON approval FOR EACH ROW EXECUTE FUNCTION approval_by_another();

CREATE TRIGGER approval_never_altered BEFORE DELETE OR UPDATE ON approval FOR EACH ROW EXECUTE FUNCTION refuse('an approval is never altered');

CREATE TRIGGER approval_never_emptied BEFORE TRUNCATE ON approval FOR EACH STATEMENT EXECUTE FUNCTION refuse('an approval is never altered');

CREATE TRIGGER bounce_never_altered BEFORE DELETE OR UPDATE ON bounce FOR EACH ROW EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER bounce_never_emptied BEFORE TRUNCATE ON bounce FOR EACH STATEMENT EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER bounce_of_own_sending BEFORE INSERT ON bounce FOR EACH ROW EXECUTE FUNCTION bounce_of_own_sending();

CREATE TRIGGER campaign_hold_kept BEFORE UPDATE ON campaign_hold FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.version_id IS DISTINCT FROM old.version_id) OR (new.held_at IS DISTINCT FROM old.held_at) OR ((new.held_by)::text IS DISTINCT FROM (old.held_by)::text) OR ((new.reason)::text IS DISTINCT FROM (old.reason)::text) OR ((old.lifted_at IS NOT NULL) OR (new.lifted_at IS NULL)))) EXECUTE FUNCTION refuse('a hold is only ever lifted, once');

CREATE TRIGGER campaign_hold_never_deleted BEFORE DELETE ON campaign_hold FOR EACH ROW EXECUTE FUNCTION refuse('a hold is only ever lifted, once');

CREATE TRIGGER campaign_hold_never_emptied BEFORE TRUNCATE ON campaign_hold FOR EACH STATEMENT EXECUTE FUNCTION refuse('a hold is only ever lifted, once');

CREATE TRIGGER change_never_altered BEFORE DELETE OR UPDATE ON change FOR EACH ROW EXECUTE FUNCTION refuse('a published change is never altered');

CREATE TRIGGER change_never_emptied BEFORE TRUNCATE ON change FOR EACH STATEMENT EXECUTE FUNCTION refuse('a published change is never altered');

CREATE TRIGGER classification_never_altered BEFORE DELETE OR UPDATE ON classification FOR EACH ROW EXECUTE FUNCTION refuse('a published classification is never altered');

CREATE TRIGGER classification_never_emptied BEFORE TRUNCATE ON classification FOR EACH STATEMENT EXECUTE FUNCTION refuse('a published classification is never altered');

CREATE TRIGGER closure_confirmed BEFORE INSERT ON closure FOR EACH ROW EXECUTE FUNCTION closure_confirmed();

CREATE TRIGGER closure_never_altered BEFORE DELETE OR UPDATE ON closure FOR EACH ROW EXECUTE FUNCTION refuse('a closure is never altered');

CREATE TRIGGER closure_never_emptied BEFORE TRUNCATE ON closure FOR EACH STATEMENT EXECUTE FUNCTION refuse('a closure is never altered');

CREATE TRIGGER confirmation_never_altered BEFORE DELETE OR UPDATE ON confirmation FOR EACH ROW EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER confirmation_never_emptied BEFORE TRUNCATE ON confirmation FOR EACH STATEMENT EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER consent_confirmed BEFORE INSERT ON consent FOR EACH ROW EXECUTE FUNCTION consent_confirmed();

CREATE TRIGGER consent_never_altered BEFORE DELETE OR UPDATE ON consent FOR EACH ROW EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER consent_never_emptied BEFORE TRUNCATE ON consent FOR EACH STATEMENT EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER declaration_kept BEFORE UPDATE ON declaration FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR (new.version_id IS DISTINCT FROM old.version_id) OR ((new.number)::text IS DISTINCT FROM (old.number)::text) OR ((new.kind)::text IS DISTINCT FROM (old.kind)::text) OR (new.objection_id IS DISTINCT FROM old.objection_id) OR ((new.purpose)::text IS DISTINCT FROM (old.purpose)::text) OR ((new.way)::text IS DISTINCT FROM (old.way)::text) OR (new.received_at IS DISTINCT FROM old.received_at) OR (new.recorded_at IS DISTINCT FROM old.recorded_at) OR (new.sequence IS DISTINCT FROM old.sequence) OR ((old.decided_at IS NOT NULL) OR (new.decided_at IS NULL)))) EXECUTE FUNCTION refuse('of a declaration only the decision is set, once');

CREATE TRIGGER declaration_never_deleted BEFORE DELETE ON declaration FOR EACH ROW EXECUTE FUNCTION refuse('of a declaration only the decision is set, once');

CREATE TRIGGER declaration_never_emptied BEFORE TRUNCATE ON declaration FOR EACH STATEMENT EXECUTE FUNCTION refuse('of a declaration only the decision is set, once');

CREATE TRIGGER declaration_of_own_objection BEFORE INSERT ON declaration FOR EACH ROW EXECUTE FUNCTION declaration_of_own_objection();

CREATE TRIGGER declaration_while_open BEFORE INSERT ON declaration FOR EACH ROW EXECUTE FUNCTION declaration_while_open();

CREATE TRIGGER draft_editor_never_altered BEFORE DELETE OR UPDATE ON draft_editor FOR EACH ROW EXECUTE FUNCTION refuse('who edited a draft is never altered');

CREATE TRIGGER draft_editor_never_emptied BEFORE TRUNCATE ON draft_editor FOR EACH STATEMENT EXECUTE FUNCTION refuse('who edited a draft is never altered');

CREATE TRIGGER event_never_altered BEFORE DELETE OR UPDATE ON event FOR EACH ROW EXECUTE FUNCTION refuse('an event is never altered');

CREATE TRIGGER event_never_emptied BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse('an event is never altered');

CREATE TRIGGER member_request_kept BEFORE UPDATE ON member_request FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR ((new.number)::text IS DISTINCT FROM (old.number)::text) OR ((new.kind)::text IS DISTINCT FROM (old.kind)::text) OR ((new.way)::text IS DISTINCT FROM (old.way)::text) OR (new.staff_id IS DISTINCT FROM old.staff_id) OR (new.remark_id IS DISTINCT FROM old.remark_id) OR (new.change_id IS DISTINCT FROM old.change_id) OR (new.received_at IS DISTINCT FROM old.received_at) OR (new.recorded_at IS DISTINCT FROM old.recorded_at) OR (new.sequence IS DISTINCT FROM old.sequence) OR ((old.ended_at IS NOT NULL) OR ((new.due_at <> old.due_at) AND ((old.extended_at IS NOT NULL) OR (new.extended_at IS NULL))) OR ((old.extended_at IS NOT NULL) AND ((new.extended_at IS NULL) OR (new.extended_at <> old.extended_at)))))) EXECUTE FUNCTION refuse('a request is put off once and ended once');

CREATE TRIGGER member_request_never_deleted BEFORE DELETE ON member_request FOR EACH ROW EXECUTE FUNCTION refuse('a request is put off once and ended once');

CREATE TRIGGER member_request_never_emptied BEFORE TRUNCATE ON member_request FOR EACH STATEMENT EXECUTE FUNCTION refuse('a request is put off once and ended once');

CREATE TRIGGER member_request_of_own_change BEFORE INSERT ON member_request FOR EACH ROW EXECUTE FUNCTION member_request_of_own_change();

CREATE TRIGGER member_request_to_close BEFORE INSERT ON member_request FOR EACH ROW EXECUTE FUNCTION member_request_to_close();

CREATE TRIGGER membership_never_altered BEFORE DELETE OR UPDATE ON membership FOR EACH ROW EXECUTE FUNCTION refuse('a membership is never altered');

CREATE TRIGGER membership_never_emptied BEFORE TRUNCATE ON membership FOR EACH STATEMENT EXECUTE FUNCTION refuse('a membership is never altered');

CREATE TRIGGER notice_kept BEFORE UPDATE ON notice FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR (new.version_id IS DISTINCT FROM old.version_id) OR (new.recorded_at IS DISTINCT FROM old.recorded_at) OR (0 = 1))) EXECUTE FUNCTION refuse('what is owed is never altered');

CREATE TRIGGER notice_never_deleted BEFORE DELETE ON notice FOR EACH ROW EXECUTE FUNCTION refuse('what is owed is never altered');

CREATE TRIGGER notice_never_emptied BEFORE TRUNCATE ON notice FOR EACH STATEMENT EXECUTE FUNCTION refuse('what is owed is never altered');

CREATE TRIGGER objected_change_never_altered BEFORE DELETE OR UPDATE ON objected_change FOR EACH ROW EXECUTE FUNCTION refuse('a received objection is never altered');

CREATE TRIGGER objected_change_never_emptied BEFORE TRUNCATE ON objected_change FOR EACH STATEMENT EXECUTE FUNCTION refuse('a received objection is never altered');

CREATE TRIGGER objection_amends_own BEFORE INSERT ON objection FOR EACH ROW EXECUTE FUNCTION objection_amends_own();

CREATE TRIGGER objection_by_reply_confirmed BEFORE INSERT ON objection FOR EACH ROW EXECUTE FUNCTION objection_by_reply_confirmed();

CREATE TRIGGER objection_in_time BEFORE INSERT ON objection FOR EACH ROW EXECUTE FUNCTION objection_in_time();

CREATE TRIGGER objection_kept BEFORE UPDATE ON objection FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR (new.version_id IS DISTINCT FROM old.version_id) OR ((new.number)::text IS DISTINCT FROM (old.number)::text) OR (new.closing IS DISTINCT FROM old.closing) OR ((new.way)::text IS DISTINCT FROM (old.way)::text) OR (new.staff_id IS DISTINCT FROM old.staff_id) OR (new.remark_id IS DISTINCT FROM old.remark_id) OR (new.amends_id IS DISTINCT FROM old.amends_id) OR (new.restores_id IS DISTINCT FROM old.restores_id) OR (new.received_at IS DISTINCT FROM old.received_at) OR (new.recorded_at IS DISTINCT FROM old.recorded_at) OR (new.sequence IS DISTINCT FROM old.sequence) OR ((old.withdrawn_at IS NOT NULL) OR (new.withdrawn_at IS NULL)))) EXECUTE FUNCTION refuse('of a received objection only the withdrawal is set, once');

CREATE TRIGGER objection_never_deleted BEFORE DELETE ON objection FOR EACH ROW EXECUTE FUNCTION refuse('of a received objection only the withdrawal is set, once');

CREATE TRIGGER objection_never_emptied BEFORE TRUNCATE ON objection FOR EACH STATEMENT EXECUTE FUNCTION refuse('of a received objection only the withdrawal is set, once');

CREATE TRIGGER objection_stands_again BEFORE INSERT ON objection FOR EACH ROW EXECUTE FUNCTION objection_stands_again();

CREATE TRIGGER objection_while_open BEFORE INSERT ON objection FOR EACH ROW EXECUTE FUNCTION objection_while_open();

CREATE TRIGGER opt_out_never_altered BEFORE DELETE OR UPDATE ON opt_out FOR EACH ROW EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER opt_out_never_emptied BEFORE TRUNCATE ON opt_out FOR EACH STATEMENT EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER profile_kept BEFORE UPDATE ON profile FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR ((new.language)::text IS DISTINCT FROM (old.language)::text) OR ((new.zone)::text IS DISTINCT FROM (old.zone)::text) OR (new.received_at IS DISTINCT FROM old.received_at) OR (new.recorded_at IS DISTINCT FROM old.recorded_at) OR (new.sequence IS DISTINCT FROM old.sequence) OR (((new.name)::text <> (old.name)::text) AND ((new.name)::text <> ''::text)))) EXECUTE FUNCTION refuse('a name given is only ever blanked');

CREATE TRIGGER profile_never_deleted BEFORE DELETE ON profile FOR EACH ROW EXECUTE FUNCTION refuse('a name given is only ever blanked');

CREATE TRIGGER profile_never_emptied BEFORE TRUNCATE ON profile FOR EACH STATEMENT EXECUTE FUNCTION refuse('a name given is only ever blanked');

CREATE TRIGGER put_off_notice_due BEFORE DELETE ON put_off_notice FOR EACH ROW EXECUTE FUNCTION put_off_notice_due();

CREATE TRIGGER put_off_notice_never_emptied BEFORE TRUNCATE ON put_off_notice FOR EACH STATEMENT EXECUTE FUNCTION refuse('the notice would never be due');

CREATE TRIGGER recipient_roll_never_altered BEFORE DELETE OR UPDATE ON recipient_roll FOR EACH ROW EXECUTE FUNCTION refuse('a recipient roll is never altered');

CREATE TRIGGER recipient_roll_never_emptied BEFORE TRUNCATE ON recipient_roll FOR EACH STATEMENT EXECUTE FUNCTION refuse('a recipient roll is never altered');

CREATE TRIGGER refusal_never_altered BEFORE DELETE OR UPDATE ON refusal FOR EACH ROW EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER refusal_never_emptied BEFORE TRUNCATE ON refusal FOR EACH STATEMENT EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER remark_kept BEFORE UPDATE ON remark FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR (new.recorded_at IS DISTINCT FROM old.recorded_at) OR ((new.text <> old.text) AND (new.text <> ''::text)))) EXECUTE FUNCTION refuse('a remark is only ever blanked');

CREATE TRIGGER remark_never_deleted BEFORE DELETE ON remark FOR EACH ROW EXECUTE FUNCTION refuse('a remark is only ever blanked');

CREATE TRIGGER remark_never_emptied BEFORE TRUNCATE ON remark FOR EACH STATEMENT EXECUTE FUNCTION refuse('a remark is only ever blanked');

CREATE TRIGGER reply_never_altered BEFORE DELETE OR UPDATE ON reply FOR EACH ROW EXECUTE FUNCTION refuse('what became of a reply is never altered');

CREATE TRIGGER reply_never_emptied BEFORE TRUNCATE ON reply FOR EACH STATEMENT EXECUTE FUNCTION refuse('what became of a reply is never altered');

CREATE TRIGGER reply_of_own_declaration BEFORE INSERT ON reply FOR EACH ROW EXECUTE FUNCTION reply_of_own_declaration();

CREATE TRIGGER reply_of_own_objection BEFORE INSERT ON reply FOR EACH ROW EXECUTE FUNCTION reply_of_own_objection();

CREATE TRIGGER returned_content_kept BEFORE UPDATE ON returned_content FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.returned_id IS DISTINCT FROM old.returned_id) OR ((((new.sender)::text <> (old.sender)::text) AND ((new.sender)::text <> ''::text)) OR (((new.subject)::text <> (old.subject)::text) AND ((new.subject)::text <> ''::text)) OR (((new.recipient)::text <> (old.recipient)::text) AND ((new.recipient)::text <> ''::text)) OR ((new.note <> old.note) AND (new.note <> ''::text) AND (old.note <> ''::text)) OR ((new.content <> old.content) AND (length(new.content) > 0))))) EXECUTE FUNCTION refuse('what a message said is only ever blanked');

CREATE TRIGGER returned_content_never_deleted BEFORE DELETE ON returned_content FOR EACH ROW EXECUTE FUNCTION refuse('what a message said is only ever blanked');

CREATE TRIGGER returned_content_never_emptied BEFORE TRUNCATE ON returned_content FOR EACH STATEMENT EXECUTE FUNCTION refuse('what a message said is only ever blanked');

CREATE TRIGGER returned_mail_erased_is_blank BEFORE UPDATE ON returned_mail FOR EACH ROW EXECUTE FUNCTION returned_mail_erased_is_blank();

CREATE TRIGGER returned_mail_kept BEFORE UPDATE ON returned_mail FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR ((new.kind)::text IS DISTINCT FROM (old.kind)::text) OR (new.hard IS DISTINCT FROM old.hard) OR ((new.status)::text IS DISTINCT FROM (old.status)::text) OR ((new.reason)::text IS DISTINCT FROM (old.reason)::text) OR ((new.digest)::text IS DISTINCT FROM (old.digest)::text) OR (new.size IS DISTINCT FROM old.size) OR (new.received_at IS DISTINCT FROM old.received_at) OR (new.recorded_at IS DISTINCT FROM old.recorded_at) OR (new.sequence IS DISTINCT FROM old.sequence) OR (((old.handled_at IS NOT NULL) AND ((new.handled_at IS NULL) OR (new.handled_at <> old.handled_at) OR ((new.handled_as)::text <> (old.handled_as)::text) OR (COALESCE(new.staff_id, (0)::bigint) <> COALESCE(old.staff_id, (0)::bigint)))) OR ((old.erased_at IS NOT NULL) AND ((new.erased_at IS NULL) OR (new.erased_at <> old.erased_at) OR ((new.erased_why)::text <> (old.erased_why)::text) OR (COALESCE(new.erased_by, (0)::bigint) <> COALESCE(old.erased_by, (0)::bigint)))) OR ((new.erased_at IS NULL) AND ((new.erased_by IS NOT NULL) OR ((new.erased_why)::text <> ''::text))) OR ((new.erased_at IS NOT NULL) AND (new.handled_at IS NULL))))) EXECUTE FUNCTION refuse('of a message that came in only its handling and its erasure are set, once and in this order');

CREATE TRIGGER returned_mail_never_deleted BEFORE DELETE ON returned_mail FOR EACH ROW EXECUTE FUNCTION refuse('of a message that came in only its handling and its erasure are set, once and in this order');

CREATE TRIGGER returned_mail_never_emptied BEFORE TRUNCATE ON returned_mail FOR EACH STATEMENT EXECUTE FUNCTION refuse('of a message that came in only its handling and its erasure are set, once and in this order');

CREATE TRIGGER returned_match_never_altered BEFORE DELETE OR UPDATE ON returned_match FOR EACH ROW EXECUTE FUNCTION refuse('whose mail came back is never altered');

CREATE TRIGGER returned_match_never_emptied BEFORE TRUNCATE ON returned_match FOR EACH STATEMENT EXECUTE FUNCTION refuse('whose mail came back is never altered');

CREATE TRIGGER returned_match_of_own_sending BEFORE INSERT ON returned_match FOR EACH ROW EXECUTE FUNCTION returned_match_of_own_sending();

CREATE TRIGGER sending_kept BEFORE UPDATE ON sending FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR (new.notice_id IS DISTINCT FROM old.notice_id) OR (new.number IS DISTINCT FROM old.number) OR (new.address_id IS DISTINCT FROM old.address_id) OR ((new.message_id)::text IS DISTINCT FROM (old.message_id)::text) OR (new.started_at IS DISTINCT FROM old.started_at) OR ((old.accepted_at IS NOT NULL) AND (NOT ((new.accepted_at = old.accepted_at) AND ((new.state)::text = (old.state)::text)))))) EXECUTE FUNCTION refuse('an accepted sending is never altered');

CREATE TRIGGER sending_never_deleted BEFORE DELETE ON sending FOR EACH ROW EXECUTE FUNCTION refuse('an accepted sending is never altered');

CREATE TRIGGER sending_never_emptied BEFORE TRUNCATE ON sending FOR EACH STATEMENT EXECUTE FUNCTION refuse('an accepted sending is never altered');

CREATE TRIGGER settlement_never_altered BEFORE DELETE OR UPDATE ON settlement FOR EACH ROW EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER settlement_never_emptied BEFORE TRUNCATE ON settlement FOR EACH STATEMENT EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER settlement_of_a_freeze BEFORE INSERT ON settlement FOR EACH ROW EXECUTE FUNCTION settlement_of_a_freeze();

CREATE TRIGGER sight_never_altered BEFORE DELETE OR UPDATE ON sight FOR EACH ROW EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER sight_never_emptied BEFORE TRUNCATE ON sight FOR EACH STATEMENT EXECUTE FUNCTION refuse('a received fact is never altered');

CREATE TRIGGER stored_comparison_never_altered BEFORE DELETE OR UPDATE ON stored_comparison FOR EACH ROW EXECUTE FUNCTION refuse('a stored comparison is never altered');

CREATE TRIGGER stored_comparison_never_emptied BEFORE TRUNCATE ON stored_comparison FOR EACH STATEMENT EXECUTE FUNCTION refuse('a stored comparison is never altered');

CREATE TRIGGER stored_comparison_of_both BEFORE INSERT ON stored_comparison FOR EACH ROW EXECUTE FUNCTION stored_comparison_of_both();

CREATE TRIGGER submission_never_altered BEFORE DELETE OR UPDATE ON submission FOR EACH ROW EXECUTE FUNCTION refuse('a submission is never altered');

CREATE TRIGGER submission_never_emptied BEFORE TRUNCATE ON submission FOR EACH STATEMENT EXECUTE FUNCTION refuse('a submission is never altered');

CREATE TRIGGER submission_of_own_rows BEFORE INSERT ON submission FOR EACH ROW EXECUTE FUNCTION submission_of_own_rows();

CREATE TRIGGER submitted_file_kept BEFORE UPDATE ON submitted_file FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR (new.submission_id IS DISTINCT FROM old.submission_id) OR (new.ordinal IS DISTINCT FROM old.ordinal) OR ((new.media_type)::text IS DISTINCT FROM (old.media_type)::text) OR (new.size IS DISTINCT FROM old.size) OR ((new.digest)::text IS DISTINCT FROM (old.digest)::text) OR ((old.erased_at IS NOT NULL) OR (new.erased_at IS NULL)))) EXECUTE FUNCTION refuse('of a submitted file only its erasure is set, once');

CREATE TRIGGER submitted_file_never_deleted BEFORE DELETE ON submitted_file FOR EACH ROW EXECUTE FUNCTION refuse('of a submitted file only its erasure is set, once');

CREATE TRIGGER submitted_file_never_emptied BEFORE TRUNCATE ON submitted_file FOR EACH STATEMENT EXECUTE FUNCTION refuse('of a submitted file only its erasure is set, once');

CREATE TRIGGER submitted_file_of_own_submission BEFORE INSERT ON submitted_file FOR EACH ROW EXECUTE FUNCTION submitted_file_of_own_submission();

CREATE TRIGGER submitted_piece_blanked_on_record BEFORE UPDATE ON submitted_piece FOR EACH ROW EXECUTE FUNCTION submitted_piece_blanked_on_record();

CREATE TRIGGER submitted_piece_kept BEFORE UPDATE ON submitted_piece FOR EACH ROW WHEN (((new.id IS DISTINCT FROM old.id) OR (new.member_id IS DISTINCT FROM old.member_id) OR (new.file_id IS DISTINCT FROM old.file_id) OR (new.ordinal IS DISTINCT FROM old.ordinal) OR (length(new.content) > 0))) EXECUTE FUNCTION refuse('the bytes of a submitted file are only ever blanked');

CREATE TRIGGER submitted_piece_never_deleted BEFORE DELETE ON submitted_piece FOR EACH ROW EXECUTE FUNCTION refuse('the bytes of a submitted file are only ever blanked');

CREATE TRIGGER submitted_piece_never_emptied BEFORE TRUNCATE ON submitted_piece FOR EACH STATEMENT EXECUTE FUNCTION refuse('the bytes of a submitted file are only ever blanked');

CREATE TRIGGER submitted_piece_of_own_file BEFORE INSERT ON submitted_piece FOR EACH ROW EXECUTE FUNCTION submitted_piece_of_own_file();

CREATE TRIGGER version_approved BEFORE INSERT ON version FOR EACH ROW EXECUTE FUNCTION version_approved();

CREATE TRIGGER version_compared BEFORE INSERT ON version FOR EACH ROW EXECUTE FUNCTION version_compared();

CREATE TRIGGER version_in_order BEFORE INSERT ON version FOR EACH ROW EXECUTE FUNCTION version_in_order();

CREATE TRIGGER version_never_altered BEFORE DELETE OR UPDATE ON version FOR EACH ROW EXECUTE FUNCTION refuse('a published version is never altered');

CREATE TRIGGER version_never_emptied BEFORE TRUNCATE ON version FOR EACH STATEMENT EXECUTE FUNCTION refuse('a published version is never altered');

CREATE TRIGGER version_text_never_altered BEFORE DELETE OR UPDATE ON version_text FOR EACH ROW EXECUTE FUNCTION refuse('a published text is never altered');

CREATE TRIGGER version_text_never_emptied BEFORE TRUNCATE ON version_text FOR EACH STATEMENT EXECUTE FUNCTION refuse('a published text is never altered');

ALTER TABLE ONLY address_change
    ADD CONSTRAINT address_change_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY address_change
    ADD CONSTRAINT address_change_old_address_id_fkey FOREIGN KEY (old_address_id) REFERENCES address(id) ON DELETE RESTRICT;

ALTER TABLE ONLY address
    ADD CONSTRAINT address_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY api_token
    ADD CONSTRAINT api_token_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE RESTRICT;

ALTER TABLE ONLY approval
    ADD CONSTRAINT approval_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES draft(id) ON DELETE RESTRICT;

ALTER TABLE ONLY approval
    ADD CONSTRAINT approval_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE RESTRICT;

ALTER TABLE ONLY bounce
    ADD CONSTRAINT bounce_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY bounce
    ADD CONSTRAINT bounce_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES notice(id) ON DELETE RESTRICT;

ALTER TABLE ONLY bounce
    ADD CONSTRAINT bounce_remark_id_fkey FOREIGN KEY (remark_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY bounce
    ADD CONSTRAINT bounce_sending_id_fkey FOREIGN KEY (sending_id) REFERENCES sending(id) ON DELETE RESTRICT;

ALTER TABLE ONLY campaign_hold
    ADD CONSTRAINT campaign_hold_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY change
    ADD CONSTRAINT change_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY classification
    ADD CONSTRAINT classification_change_id_fkey FOREIGN KEY (change_id) REFERENCES change(id) ON DELETE RESTRICT;

ALTER TABLE ONLY closure
    ADD CONSTRAINT closure_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY closure
    ADD CONSTRAINT closure_objection_id_fkey FOREIGN KEY (objection_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY closure
    ADD CONSTRAINT closure_remark_id_fkey FOREIGN KEY (remark_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY confirmation
    ADD CONSTRAINT confirmation_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY confirmation
    ADD CONSTRAINT confirmation_objection_id_fkey FOREIGN KEY (objection_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY confirmation
    ADD CONSTRAINT confirmation_remark_id_fkey FOREIGN KEY (remark_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY consent
    ADD CONSTRAINT consent_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY consent
    ADD CONSTRAINT consent_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY declaration
    ADD CONSTRAINT declaration_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY declaration
    ADD CONSTRAINT declaration_objection_id_fkey FOREIGN KEY (objection_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY declaration
    ADD CONSTRAINT declaration_remark_id_fkey FOREIGN KEY (remark_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY declaration
    ADD CONSTRAINT declaration_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY draft
    ADD CONSTRAINT draft_author_id_fkey FOREIGN KEY (author_id) REFERENCES staff(id) ON DELETE RESTRICT;

ALTER TABLE ONLY draft_classification
    ADD CONSTRAINT draft_classification_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES draft(id) ON DELETE RESTRICT;

ALTER TABLE ONLY draft_classification
    ADD CONSTRAINT draft_classification_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE RESTRICT;

ALTER TABLE ONLY draft_editor
    ADD CONSTRAINT draft_editor_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES draft(id) ON DELETE RESTRICT;

ALTER TABLE ONLY draft_editor
    ADD CONSTRAINT draft_editor_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE RESTRICT;

ALTER TABLE ONLY draft
    ADD CONSTRAINT draft_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policy(id) ON DELETE RESTRICT;

ALTER TABLE ONLY draft_translation
    ADD CONSTRAINT draft_translation_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES draft(id) ON DELETE RESTRICT;

ALTER TABLE ONLY member_request
    ADD CONSTRAINT member_request_answer_id_fkey FOREIGN KEY (answer_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY member_request
    ADD CONSTRAINT member_request_change_id_fkey FOREIGN KEY (change_id) REFERENCES address_change(id) ON DELETE RESTRICT;

ALTER TABLE ONLY member_request
    ADD CONSTRAINT member_request_extension_id_fkey FOREIGN KEY (extension_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY member_request
    ADD CONSTRAINT member_request_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY member_request
    ADD CONSTRAINT member_request_remark_id_fkey FOREIGN KEY (remark_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY member_session
    ADD CONSTRAINT member_session_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY membership
    ADD CONSTRAINT membership_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY membership
    ADD CONSTRAINT membership_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policy(id) ON DELETE RESTRICT;

ALTER TABLE ONLY notice
    ADD CONSTRAINT notice_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY notice
    ADD CONSTRAINT notice_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY objected_change
    ADD CONSTRAINT objected_change_change_id_fkey FOREIGN KEY (change_id) REFERENCES change(id) ON DELETE RESTRICT;

ALTER TABLE ONLY objected_change
    ADD CONSTRAINT objected_change_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY objected_change
    ADD CONSTRAINT objected_change_objection_id_fkey FOREIGN KEY (objection_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY objection
    ADD CONSTRAINT objection_amends_id_fkey FOREIGN KEY (amends_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY objection
    ADD CONSTRAINT objection_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY objection
    ADD CONSTRAINT objection_remark_id_fkey FOREIGN KEY (remark_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY objection
    ADD CONSTRAINT objection_restores_id_fkey FOREIGN KEY (restores_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY objection
    ADD CONSTRAINT objection_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY one_time_code
    ADD CONSTRAINT one_time_code_declaration_id_fkey FOREIGN KEY (declaration_id) REFERENCES declaration(id) ON DELETE RESTRICT;

ALTER TABLE ONLY one_time_code
    ADD CONSTRAINT one_time_code_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY one_time_code
    ADD CONSTRAINT one_time_code_objection_id_fkey FOREIGN KEY (objection_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY opt_out
    ADD CONSTRAINT opt_out_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY outgoing_mail
    ADD CONSTRAINT outgoing_mail_address_id_fkey FOREIGN KEY (address_id) REFERENCES address(id) ON DELETE RESTRICT;

ALTER TABLE ONLY outgoing_mail
    ADD CONSTRAINT outgoing_mail_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY outgoing_mail
    ADD CONSTRAINT outgoing_mail_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE RESTRICT;

ALTER TABLE ONLY profile
    ADD CONSTRAINT profile_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY put_off_notice
    ADD CONSTRAINT put_off_notice_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES mail_domain(id) ON DELETE RESTRICT;

ALTER TABLE ONLY put_off_notice
    ADD CONSTRAINT put_off_notice_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES notice(id) ON DELETE RESTRICT;

ALTER TABLE ONLY recipient_roll
    ADD CONSTRAINT recipient_roll_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY refusal
    ADD CONSTRAINT refusal_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY refusal
    ADD CONSTRAINT refusal_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES notice(id) ON DELETE RESTRICT;

ALTER TABLE ONLY refusal
    ADD CONSTRAINT refusal_sending_id_fkey FOREIGN KEY (sending_id) REFERENCES sending(id) ON DELETE RESTRICT;

ALTER TABLE ONLY remark
    ADD CONSTRAINT remark_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY reply
    ADD CONSTRAINT reply_declaration_id_fkey FOREIGN KEY (declaration_id) REFERENCES declaration(id) ON DELETE RESTRICT;

ALTER TABLE ONLY reply
    ADD CONSTRAINT reply_mail_id_fkey FOREIGN KEY (mail_id) REFERENCES outgoing_mail(id) ON DELETE RESTRICT;

ALTER TABLE ONLY reply
    ADD CONSTRAINT reply_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY reply
    ADD CONSTRAINT reply_objection_id_fkey FOREIGN KEY (objection_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY reply
    ADD CONSTRAINT reply_returned_id_fkey FOREIGN KEY (returned_id) REFERENCES returned_mail(id) ON DELETE RESTRICT;

ALTER TABLE ONLY reply
    ADD CONSTRAINT reply_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY returned_content
    ADD CONSTRAINT returned_content_returned_id_fkey FOREIGN KEY (returned_id) REFERENCES returned_mail(id) ON DELETE RESTRICT;

ALTER TABLE ONLY returned_match
    ADD CONSTRAINT returned_match_mail_id_fkey FOREIGN KEY (mail_id) REFERENCES outgoing_mail(id) ON DELETE RESTRICT;

ALTER TABLE ONLY returned_match
    ADD CONSTRAINT returned_match_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY returned_match
    ADD CONSTRAINT returned_match_returned_id_fkey FOREIGN KEY (returned_id) REFERENCES returned_mail(id) ON DELETE RESTRICT;

ALTER TABLE ONLY returned_match
    ADD CONSTRAINT returned_match_sending_id_fkey FOREIGN KEY (sending_id) REFERENCES sending(id) ON DELETE RESTRICT;

ALTER TABLE ONLY sending
    ADD CONSTRAINT sending_address_id_fkey FOREIGN KEY (address_id) REFERENCES address(id) ON DELETE RESTRICT;

ALTER TABLE ONLY sending
    ADD CONSTRAINT sending_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY sending
    ADD CONSTRAINT sending_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES notice(id) ON DELETE RESTRICT;

ALTER TABLE ONLY settlement
    ADD CONSTRAINT settlement_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY settlement
    ADD CONSTRAINT settlement_objection_id_fkey FOREIGN KEY (objection_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY settlement
    ADD CONSTRAINT settlement_remark_id_fkey FOREIGN KEY (remark_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY sight
    ADD CONSTRAINT sight_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY sight
    ADD CONSTRAINT sight_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES notice(id) ON DELETE RESTRICT;

ALTER TABLE ONLY sight
    ADD CONSTRAINT sight_remark_id_fkey FOREIGN KEY (remark_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY staff_session
    ADD CONSTRAINT staff_session_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE RESTRICT;

ALTER TABLE ONLY stored_comparison
    ADD CONSTRAINT stored_comparison_newer_id_fkey FOREIGN KEY (newer_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY stored_comparison
    ADD CONSTRAINT stored_comparison_older_id_fkey FOREIGN KEY (older_id) REFERENCES version(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submission
    ADD CONSTRAINT submission_declaration_id_fkey FOREIGN KEY (declaration_id) REFERENCES declaration(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submission
    ADD CONSTRAINT submission_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submission
    ADD CONSTRAINT submission_objection_id_fkey FOREIGN KEY (objection_id) REFERENCES objection(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submission
    ADD CONSTRAINT submission_reference_id_fkey FOREIGN KEY (reference_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submission
    ADD CONSTRAINT submission_remark_id_fkey FOREIGN KEY (remark_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submission
    ADD CONSTRAINT submission_representative_id_fkey FOREIGN KEY (representative_id) REFERENCES remark(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submission
    ADD CONSTRAINT submission_request_id_fkey FOREIGN KEY (request_id) REFERENCES member_request(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submitted_file
    ADD CONSTRAINT submitted_file_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submitted_file
    ADD CONSTRAINT submitted_file_submission_id_fkey FOREIGN KEY (submission_id) REFERENCES submission(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submitted_piece
    ADD CONSTRAINT submitted_piece_file_id_fkey FOREIGN KEY (file_id) REFERENCES submitted_file(id) ON DELETE RESTRICT;

ALTER TABLE ONLY submitted_piece
    ADD CONSTRAINT submitted_piece_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id) ON DELETE RESTRICT;

ALTER TABLE ONLY version
    ADD CONSTRAINT version_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policy(id) ON DELETE RESTRICT;

ALTER TABLE ONLY version_text
    ADD CONSTRAINT version_text_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id) ON DELETE RESTRICT;
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
