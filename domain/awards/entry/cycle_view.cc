#include "domain/awards/entry/cycle_view.h"

#include "domain/awards/entry/office.h"
#include "serve/views.h"

namespace cityloop::awards {
namespace {

using base::JsonWriter;
using serve::write_time;

void write_texts(JsonWriter& out, std::string_view key, const std::vector<std::string>& list) {
  out.key(key).array();
  for (const std::string& one : list) out.text(one);
  out.end();
}

void write_window(JsonWriter& out, const Window& when, Instant now) {
  write_time(out, "opens", when.opens);
  write_time(out, "closes", when.closes);
  out.field("open", when.has(now));
}

void write_choices(JsonWriter& out, std::string_view key, const std::vector<Choice>& list) {
  out.key(key).array();
  for (const Choice& one : list) {
    write(out.object().field("id", one.id), "name", one.name);
    out.end();
  }
  out.end();
}

void write_field(JsonWriter& out, const Field& one) {
  write(out.object().field("id", one.id), "name", one.name);
  write(out, "help", one.help);
  out.field("type", to_string(one.type)).field("required", one.required).field("both", one.both);
  out.field("maxChars", one.max_chars).field("blind", to_string(one.blind));
  if (one.least) out.field("least", *one.least);
  if (one.most) out.field("most", *one.most);
  if (!one.unit.empty()) out.field("unit", one.unit);
  if (!one.choices.empty()) write_choices(out, "choices", one.choices);
  if (!one.categories.empty()) write_texts(out, "categories", one.categories);
  out.end();
}

void write_slot(JsonWriter& out, const FileSlot& one) {
  write(out.object().field("id", one.id), "name", one.name);
  write(out, "help", one.help);
  out.field("kind", to_string(one.kind)).field("least", one.least).field("most", one.most);
  out.field("supportingCases", one.supporting_cases).field("stamped", one.stamped).field("bytesMax", one.bytes_max);
  if (one.pages_max > 0) out.field("pagesMax", one.pages_max);
  if (!one.with.empty()) out.field("with", one.with);
  out.end();
}

void write_categories(JsonWriter& out, const Cycle& cycle) {
  out.key("categories").array();
  for (const Category& one : cycle.categories) {
    write(out.object().field("id", one.id), "name", one.name);
    write(out, "description", one.description);
    out.field("theme", one.theme).field("casesMin", one.cases_min);
    write_texts(out, "keyWords", one.key_words);
    out.key("status").array();
    for (const ProjectStatus status : one.status) out.text(to_string(status));
    out.end().end();
  }
  out.end();
}

void write_judging(JsonWriter& out, const Cycle& cycle) {
  out.key("dimensions").array();
  for (const Dimension& one : cycle.dimensions) {
    write(out.object().field("id", one.id), "name", one.name);
    write(out, "description", one.description);
    out.field("max", one.max).field("step", one.step).field("weight", one.weight).end();
  }
  out.end().key("bands").array();
  for (const Band& one : cycle.bands) {
    write(out.object().field("from", one.from), "name", one.name);
    out.end();
  }
  out.end().field("bonusMax", cycle.bonus_max).key("bonuses").array();
  for (const Bonus& one : cycle.bonuses) {
    write(out.object().field("id", one.id), "name", one.name);
    out.field("points", one.points).end();
  }
  out.end();
}

void write_prizes(JsonWriter& out, const Cycle& cycle) {
  out.key("prizes").array();
  for (const Prize& one : cycle.prizes) {
    write(out.object().field("id", one.id), "name", one.name);
    write(out, "description", one.description);
    out.field("of", one.of).field("winners", one.winners);
    write_choices(out, "groups", one.groups);
    out.end();
  }
  out.end();
}

void write_video(JsonWriter& out, const VideoRule& rule) {
  out.key("video").object().field("secondsMax", rule.seconds_max).field("width", rule.width);
  out.field("height", rule.height).field("bytesMax", rule.bytes_max);
  write_texts(out, "subtitles", rule.subtitles);
  out.end();
}

void write_registration(JsonWriter& out, const Registration& one, Instant now) {
  write_window(out.key("registration").object().field("how", to_string(one.how)), one.when, now);
  write(out, "consent", one.consent);
  out.end();
}

void write_rules(JsonWriter& out, const Cycle& cycle) {
  write_texts(out, "languages", cycle.languages);
  out.field("secondLanguageRequired", cycle.second_language_required).field("doubleBlind", cycle.double_blind);
  out.field("reviewers", cycle.reviewers).field("perUnitMax", cycle.per_unit_max).field("shortlist", cycle.shortlist);
  out.field("confirmWithinS", std::chrono::duration<double>(cycle.confirm_within).count());
  out.field("optOut", cycle.opt_out).field("certificate", cycle.certificate.has_value()).key("channels").array();
  for (const Channel& one : cycle.channels) {
    write(out.object().field("id", one.id), "name", one.name);
    out.end();
  }
  out.end();
}

}  // namespace

void write_cycle(JsonWriter& out, const Cycle& cycle, Instant now, bool whole) {
  out.object().field("id", cycle.id).field("year", cycle.year).field("timeZone", cycle.zone.name());
  write(out, "name", cycle.name);
  write(out, "organiser", cycle.organiser);
  write(out, "description", cycle.description);
  write_time(out, "now", now);
  write_window(out.key("entry").object(), cycle.entry, now);
  out.end();
  write_registration(out, cycle.registration, now);
  out.key("stages").array();
  for (const StageWindow& one : cycle.stages) {
    write(out.object().field("id", one.id), "name", one.name);
    write(out, "then", one.then);
    write_window(out, one.when, now);
    out.end();
  }
  out.end();
  write_categories(out, cycle);
  write_choices(out, "distinctions", cycle.distinctions);
  if (whole) {
    write_rules(out, cycle);
    out.key("fields").array();
    for (const Field& one : cycle.fields) write_field(out, one);
    out.end().key("files").array();
    for (const FileSlot& one : cycle.files) write_slot(out, one);
    out.end();
    write_judging(out, cycle);
    write_prizes(out, cycle);
    if (cycle.video) write_video(out, *cycle.video);
  }
  out.end();
}

void write_head(JsonWriter& out, const Proposal& one) {
  out.field("id", one.id).field("cycle", one.cycle).field("number", one.number).field("category", one.category);
  out.field("title", one.title).field("stage", one.stage).field("version", one.version).field("prize", one.prize);
  write_time(out, "changedAt", one.changed_at);
  write_time(out, "submittedAt", one.submitted_at);
  write_time(out, "shortlistedAt", one.shortlisted_at);
  write_time(out, "confirmedAt", one.confirmed_at);
}

void write_files(JsonWriter& out, const std::vector<StoredFile>& files) {
  out.key("files").array();
  for (const StoredFile& one : files) {
    out.object().field("id", one.id).field("slot", one.slot).field("round", one.round).field("name", one.name);
    out.field("mediaType", one.media_type).field("bytes", one.bytes).field("sha256", one.sha256);
    if (one.pages > 0) out.field("pages", one.pages);
    if (one.seconds > 0) out.field("seconds", one.seconds);
    write_time(out, "at", one.at);
    out.end();
  }
  out.end();
}

void write_questions(JsonWriter& out, const std::vector<Question>& questions, bool with_author) {
  out.key("questions").array();
  for (const Question& one : questions) {
    out.object().field("number", one.number).field("text", one.text).field("answer", one.answer);
    if (with_author) out.field("askedBy", one.asked_by);
    write_time(out, "askedAt", one.asked_at);
    write_time(out, "answeredAt", one.answered_at);
    out.end();
  }
  out.end();
}

void write_events(JsonWriter& out, const std::vector<Event>& events) {
  out.key("events").array();
  for (const Event& one : events) {
    out.object().field("what", one.what).field("by", one.by).field("why", one.why);
    write_time(out, "at", one.at);
    out.end();
  }
  out.end();
}

}  // namespace cityloop::awards
