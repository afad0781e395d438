#include "civic/survey_book.h"

#include <algorithm>
#include <set>

namespace cityloop::civic {
namespace {

using base::Result;
using base::Status;

constexpr std::size_t kChunk = 2'000;
constexpr std::string_view kAskColumns =
    "ask.number, ask.survey, ask.version, ask.report, ask.in_case, ask.status, ask.department, ask.area, ask.kind, "
    "ask.service, ask.at, ask.due_at, ask.state, ask.asked_at, ask.closes_at, ask.answered_at";
constexpr int kAskColumnCount = 16;
constexpr std::string_view kTextColumns =
    "answer_text.ask, question, answer_text.at, text, answer_text.state, shown, by, decided_at, in_case, department, "
    "area";

Instant time_or_never(const Statement& row, int column) {
  return row.is_null(column) ? base::kNever : base::from_us(row.number(column));
}

AskState state_from(std::string_view text) {
  for (std::size_t i = 0; i < kAskStates; ++i) {
    if (to_string(AskState(i)) == text) return AskState(i);
  }
  return AskState::overtaken;
}

SurveyAsk read_ask(const Statement& row) {
  SurveyAsk out;
  out.number = row.text(0);
  out.survey = row.text(1);
  out.version = row.text(2);
  out.report = row.text(3);
  out.in_case = row.text(4);
  out.status = row.text(5);
  out.department = row.text(6);
  out.area = row.text(7);
  out.kind = row.text(8);
  out.service = row.text(9);
  out.at = base::from_us(row.number(10));
  out.due_at = base::from_us(row.number(11));
  out.state = state_from(row.text(12));
  out.asked_at = time_or_never(row, 13);
  out.closes_at = time_or_never(row, 14);
  out.answered_at = time_or_never(row, 15);
  return out;
}

SurveyTextRow read_text(const Statement& row) {
  return {row.text(0), row.text(1), base::from_us(row.number(2)), row.text(3), row.text(4),
          row.text(5), row.text(6), time_or_never(row, 7),        row.text(8), row.text(9),
          row.text(10)};
}

Result<SurveyVersion> read_version(const Statement& row) {
  SurveyVersion out;
  out.survey = row.text(0);
  out.version = row.text(1);
  out.since = base::from_us(row.number(2));
  out.name = {row.text(3), row.text(4)};
  out.intro = {row.text(5), row.text(6)};
  out.questions = TRY(questions_from(row.text(7)));
  return out;
}

constexpr std::string_view kVersionColumns = "survey, version, since, zh, en, intro_zh, intro_en, questions";

}  // namespace

std::string_view to_string(AskState state) {
  switch (state) {
    case AskState::waiting: return "waiting";
    case AskState::asked: return "asked";
    case AskState::not_drawn: return "not_drawn";
    case AskState::unreachable: return "unreachable";
    case AskState::asked_lately: return "asked_lately";
    case AskState::overtaken: return "overtaken";
  }
  return "overtaken";
}

std::string notice_key_of(std::string_view ask) {
  return fmt::format("survey:{}", ask);
}

Status SurveyBook::put_version(const Survey& survey, Instant now) {
  const std::lock_guard lock(mutex_);
  Statement put =
      TRY(db_.prepare("INSERT INTO survey_version(survey, version, since, zh, en, intro_zh, intro_en, questions) "
                      "VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(survey, version) DO UPDATE SET zh = excluded.zh, "
                      "en = excluded.en, intro_zh = excluded.intro_zh, intro_en = excluded.intro_en"));
  put.bind(1, survey.id).bind(2, survey.version).bind(3, base::to_us(now));
  put.bind(4, survey.name.zh).bind(5, survey.name.en).bind(6, survey.intro.zh).bind(7, survey.intro.en);
  return put.bind(8, questions_json(survey.questions)).run();
}

Result<std::vector<SurveyVersion>> SurveyBook::versions() {
  const std::lock_guard lock(mutex_);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT {} FROM survey_version ORDER BY survey, since, version", kVersionColumns)));
  std::vector<SurveyVersion> out;
  while (TRY(rows.step())) out.push_back(TRY(read_version(rows)));
  return out;
}

Result<std::optional<SurveyVersion>> SurveyBook::version(std::string_view survey, std::string_view version) {
  const std::lock_guard lock(mutex_);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT {} FROM survey_version WHERE survey = ? AND version = ?", kVersionColumns)));
  rows.bind(1, survey).bind(2, version);
  if (!TRY(rows.step())) return std::optional<SurveyVersion>{};
  return std::optional(TRY(read_version(rows)));
}

Result<bool> SurveyBook::knows(std::string_view ask) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT 1 FROM ask WHERE number = ?"));
  return rows.bind(1, ask).step();
}

Status SurveyBook::add(const SurveyAsk& one) {
  const std::lock_guard lock(mutex_);
  Statement insert = TRY(
      db_.prepare("INSERT OR IGNORE INTO ask(number, survey, version, report, in_case, status, department, area, kind, "
                  "service, at, due_at, state) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  insert.bind(1, one.number).bind(2, one.survey).bind(3, one.version).bind(4, one.report).bind(5, one.in_case);
  insert.bind(6, one.status).bind(7, one.department).bind(8, one.area).bind(9, one.kind).bind(10, one.service);
  return insert.bind(11, base::to_us(one.at)).bind(12, base::to_us(one.due_at)).bind(13, to_string(one.state)).run();
}

Result<std::optional<SurveyAsk>> SurveyBook::find(std::string_view ask) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(fmt::format("SELECT {} FROM ask WHERE number = ?", kAskColumns)));
  if (!TRY(rows.bind(1, ask).step())) return std::optional<SurveyAsk>{};
  return std::optional(read_ask(rows));
}

Result<std::vector<SurveyAsk>> SurveyBook::due(Instant now, std::size_t max) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(fmt::format(
      "SELECT {} FROM ask WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, number LIMIT ?", kAskColumns)));
  rows.bind(1, base::to_us(now)).bind(2, std::int64_t(max));
  std::vector<SurveyAsk> out;
  while (TRY(rows.step())) out.push_back(read_ask(rows));
  return out;
}

Status SurveyBook::leave_out(std::string_view ask, AskState why) {
  const std::lock_guard lock(mutex_);
  Statement update = TRY(db_.prepare("UPDATE ask SET state = ? WHERE number = ? AND state = 'waiting'"));
  return update.bind(1, to_string(why)).bind(2, ask).run();
}

Status SurveyBook::ask(const SurveyAsk& one, const Notice& notice) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  Statement update =
      TRY(db_.prepare("UPDATE ask SET state = 'asked', version = ?, asked_at = ?, closes_at = ? WHERE number = ? AND "
                      "state = 'waiting'"));
  update.bind(1, one.version).bind(2, base::to_us(one.asked_at)).bind(3, base::to_us(one.closes_at));
  TRY(update.bind(4, one.number).run());
  if (db_.changed() > 0) TRY(insert_notice(db_, notice));
  return step.commit();
}

Result<bool> SurveyBook::asked_since(std::string_view report, Instant since) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(
      "SELECT 1 FROM ask WHERE state = 'asked' AND asked_at > ?2 AND (report = ?1 OR report IN "
      "(SELECT other.report FROM contact other JOIN contact mine ON mine.report = ?1 AND "
      "((mine.email <> '' AND lower(other.email) = lower(mine.email)) OR "
      "(mine.phone <> '' AND other.phone = mine.phone)) "
      "UNION SELECT other.report FROM push other JOIN push mine ON mine.report = ?1 AND other.id = mine.id)) LIMIT 1"));
  return rows.bind(1, report).bind(2, base::to_us(since)).step();
}

Status SurveyBook::put_answers(std::string_view ask, const std::vector<SurveyQuestion>& questions,
                               const std::vector<SurveyAnswer>& answers, Instant now) {
  std::set<std::string_view> texts;
  for (const SurveyQuestion& question : questions) {
    if (question.type == SurveyQuestion::Type::text) texts.insert(question.id);
  }
  std::set<std::string_view> written;
  for (const SurveyAnswer& answer : answers) {
    const bool text = texts.contains(answer.question);
    if (text) written.insert(answer.question);
    // The same text again keeps what was decided about it.
    Statement put = TRY(db_.prepare(
        text ? "INSERT INTO answer_text(ask, question, text, at) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(ask, question) DO "
               "UPDATE SET at = excluded.at, text = excluded.text, state = 'waiting', shown = '', by = '', "
               "decided_at = NULL WHERE text <> excluded.text"
             : "INSERT INTO answer(ask, question, value) VALUES(?1, ?2, ?3)"));
    put.bind(1, ask).bind(2, answer.question).bind(3, answer.value);
    if (text) put.bind(4, base::to_us(now));
    TRY(put.run());
  }
  for (const std::string_view question : texts) {
    if (written.contains(question)) continue;
    Statement drop = TRY(db_.prepare("DELETE FROM answer_text WHERE ask = ? AND question = ?"));
    TRY(drop.bind(1, ask).bind(2, question).run());
  }
  return {};
}

Status SurveyBook::answer(std::string_view ask, const std::vector<SurveyQuestion>& questions,
                          const std::vector<SurveyAnswer>& answers, Instant now) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  Statement clear = TRY(db_.prepare("DELETE FROM answer WHERE ask = ?"));
  TRY(clear.bind(1, ask).run());
  TRY(put_answers(ask, questions, answers, now));
  Statement note = TRY(db_.prepare("UPDATE ask SET answered_at = COALESCE(answered_at, ?) WHERE number = ?"));
  TRY(note.bind(1, base::to_us(now)).bind(2, ask).run());
  return step.commit();
}

Status SurveyBook::withdraw(std::string_view ask) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  for (const std::string_view sql : {"DELETE FROM answer WHERE ask = ?", "DELETE FROM answer_text WHERE ask = ?",
                                     "UPDATE ask SET answered_at = NULL WHERE number = ?"}) {
    Statement statement = TRY(db_.prepare(sql));
    TRY(statement.bind(1, ask).run());
  }
  return step.commit();
}

Result<std::vector<SurveyAnswer>> SurveyBook::answers(std::string_view ask) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(
      db_.prepare("SELECT question, value FROM answer WHERE ask = ?1 UNION ALL SELECT question, text FROM answer_text "
                  "WHERE ask = ?1"));
  rows.bind(1, ask);
  std::vector<SurveyAnswer> out;
  while (TRY(rows.step())) out.push_back({rows.text(0), rows.text(1)});
  return out;
}

Result<std::int64_t> SurveyBook::erase_before(Instant before) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  Statement notices =
      TRY(db_.prepare("DELETE FROM outbox WHERE key IN (SELECT 'survey:' || number FROM ask WHERE at < ?)"));
  TRY(notices.bind(1, base::to_us(before)).run());
  Statement erase = TRY(db_.prepare("DELETE FROM ask WHERE at < ?"));
  TRY(erase.bind(1, base::to_us(before)).run());
  const std::int64_t erased = db_.changed();
  TRY(step.commit());
  return erased;
}

Status SurveyBook::add_answers(std::map<std::string, AnsweredAsk*>& by_number, std::string_view survey,
                               std::string_view version, std::string_view from, std::string_view to) {
  Statement rows = TRY(db_.prepare(
      "SELECT ask, question, value, 0 FROM answer JOIN ask ON number = answer.ask WHERE survey = ?1 AND version = ?2 "
      "AND "
      "number BETWEEN ?3 AND ?4 UNION ALL SELECT ask, question, answer_text.state, 1 FROM answer_text JOIN ask ON "
      "number = answer_text.ask WHERE survey = ?1 AND version = ?2 AND number BETWEEN ?3 AND ?4"));
  rows.bind(1, survey).bind(2, version).bind(3, from).bind(4, to);
  while (TRY(rows.step())) {
    const auto found = by_number.find(rows.text(0));
    if (found == by_number.end()) continue;
    auto& into = rows.number(3) ? found->second->texts : found->second->answers;
    into.push_back({rows.text(1), rows.text(2)});
  }
  return {};
}

Status SurveyBook::each(std::string_view survey, std::string_view version,
                        const std::function<void(const AnsweredAsk&)>& give) {
  std::string after;
  for (;;) {
    std::vector<AnsweredAsk> chunk;
    chunk.reserve(kChunk);
    {
      const std::lock_guard lock(mutex_);
      Statement rows = TRY(db_.prepare(fmt::format(
          "SELECT {}, EXISTS (SELECT 1 FROM delivery WHERE notice = 'survey:' || number AND done_at IS NOT NULL AND "
          "given_up = 0) FROM ask WHERE survey = ? AND version = ? AND number > ? ORDER BY number LIMIT ?",
          kAskColumns)));
      rows.bind(1, survey).bind(2, version).bind(3, after).bind(4, std::int64_t(kChunk));
      std::map<std::string, AnsweredAsk*> answered;
      while (TRY(rows.step())) {
        chunk.push_back({read_ask(rows), rows.number(kAskColumnCount) != 0, {}, {}});
        if (chunk.back().is.answered_at != base::kNever) answered[chunk.back().is.number] = &chunk.back();
      }
      if (chunk.empty()) return {};
      if (!answered.empty())
        TRY(add_answers(answered, survey, version, chunk.front().is.number, chunk.back().is.number));
    }
    for (const AnsweredAsk& one : chunk) give(one);
    after = chunk.back().is.number;
  }
}

Result<std::vector<SurveyTextRow>> SurveyBook::texts(std::string_view survey, std::string_view state) {
  const std::lock_guard lock(mutex_);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT {} FROM answer_text JOIN ask ON number = answer_text.ask WHERE survey = ? "
                                  "AND answer_text.state = ? ORDER "
                                  "BY answer_text.at DESC, answer_text.ask, question",
                                  kTextColumns)));
  rows.bind(1, survey).bind(2, state);
  std::vector<SurveyTextRow> out;
  while (TRY(rows.step())) out.push_back(read_text(rows));
  return out;
}

Result<std::optional<SurveyTextRow>> SurveyBook::text(std::string_view survey, std::string_view id) {
  const std::size_t dot = id.find('.');
  if (dot == std::string_view::npos) return std::optional<SurveyTextRow>{};
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(fmt::format(
      "SELECT {} FROM answer_text JOIN ask ON number = answer_text.ask WHERE survey = ? AND answer_text.ask = ? AND "
      "question = ?",
      kTextColumns)));
  rows.bind(1, survey).bind(2, id.substr(0, dot)).bind(3, id.substr(dot + 1));
  if (!TRY(rows.step())) return std::optional<SurveyTextRow>{};
  return std::optional(read_text(rows));
}

Status SurveyBook::decide_text(std::string_view id, std::string_view state, std::string_view shown, std::string_view by,
                               Instant at) {
  const std::size_t dot = std::min(id.find('.'), id.size());
  const std::lock_guard lock(mutex_);
  Statement update = TRY(db_.prepare(
      "UPDATE answer_text SET state = ?, shown = ?, by = ?, decided_at = ? WHERE ask = ? AND question = ?"));
  update.bind(1, state).bind(2, shown).bind(3, by).bind(4, base::to_us(at)).bind(5, id.substr(0, dot));
  return update.bind(6, id.substr(std::min(dot + 1, id.size()))).run();
}

}  // namespace cityloop::civic
