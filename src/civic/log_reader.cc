#include "civic/log_reader.h"

#include <algorithm>

#include "base/json_value.h"
#include "base/log.h"
#include "casework/case_archive.h"
#include "civic/office.h"
#include "civic/personal.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::civic {
namespace {

using base::Result;
using base::Status;
using namespace std::chrono_literals;

constexpr std::size_t kRecordsMax = 256;
constexpr flow::Seq kSaveEvery = 5'000;
constexpr base::Duration kSweepEvery = 10min, kUnusedKept = 24h;

// Photos that a step's form named.
void add_photos(std::string_view given, std::vector<std::string>& out) {
  if (given.find("photos") == std::string_view::npos) return;
  const auto parsed = base::JsonValue::parse(given);
  const base::JsonValue* photos = parsed ? parsed->find("photos") : nullptr;
  if (!photos || !photos->array()) return;
  for (const base::JsonValue& one : *photos->array()) {
    if (!one.text()) continue;
    // An id, or an address that ends in one.
    const std::string_view id = std::string_view(*one.text()).substr(one.text()->rfind('/') + 1);
    if (is_photo_id(id)) out.emplace_back(id);
  }
}

bool may_be_public(std::string_view channel) {
  return channel == "citizen" || channel == "open311" || channel == "sensor";
}

flow::Bilingual notice_text(const PublicStep& step, const flow::Bilingual& service, const std::string& code) {
  const flow::Bilingual words = words_of(step.status, step.with);
  flow::Bilingual out{fmt::format("您上报的“{}”（{}）：{}。", service.zh, code, words.zh),
                      fmt::format("Your report “{}” ({}): {}.", service.en, code, words.en)};
  if (!step.reason.empty()) {
    const bool asks = step.status == PublicStatus::asked;
    out.zh += fmt::format("{}：{}", asks ? "请您说明" : "原因", step.reason);
    out.en += fmt::format(" {}: {}", asks ? "You are asked" : "Reason", step.reason);
  }
  return out;
}

// Told by a few texts of its entity, for most cases of a city are like that: it is never public, no citizen reported
// it, nothing was merged into it, and it has no photos.
bool concerns_no_citizen(const flow::Entity& entity) {
  static const flow::Name kChannel("channel"), kOpenedBy("openedBy"), kMedia("media"), kMerged("merged"),
      kTimeline("timeline");
  if (may_be_public(entity.text(kChannel)) || !report_of_author(entity.text(kOpenedBy)).empty()) return false;
  if (entity.find(kMedia) || entity.find(kMerged)) return false;
  const flow::Attribute* timeline = entity.find(kTimeline);
  const auto* json = timeline ? std::get_if<flow::Json>(&timeline->value) : nullptr;
  return !json || json->text.view().find("photos") == std::string_view::npos;
}

}  // namespace

LogReader::LogReader(const PublicView& view, Book& book, PublicBoard& board, const PhotoShelf& photos,
                     SurveyDesk& surveys, const base::Clock& wall)
    : view_(view), book_(book), board_(board), photos_(photos), surveys_(surveys), wall_(wall) {}

Status LogReader::start() {
  saved_ = TRY(book_.cursor());
  position_ = view_.twin.head();
  TRY(keep_up());
  thread_ = std::thread([this] { run(); });
  return {};
}

void LogReader::stop() {
  stopping_ = true;
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LogReader::settle() const {
  while (position_ < view_.twin.head() || settings_seen_ != view_.in_force.number()) std::this_thread::sleep_for(1ms);
}

std::vector<EntityId> LogReader::waiting() const {
  const std::lock_guard lock(mutex_);
  std::vector<EntityId> out;
  for (const auto& [at, id] : waiting_) out.push_back(EntityId::lookup(id));
  return out;
}

LogReader::Stats LogReader::stats() const {
  return {cases_, notices_, contacts_erased_, photos_erased_, sweeps_, failures_};
}

void LogReader::run() {
  while (!stopping_) {
    sweep();
    Status followed = keep_up();
    if (followed) followed = follow();
    if (followed) followed = ask();
    if (followed) continue;
    ++failures_;
    base::log_warn("civic cannot follow the log: {}; it tries again", followed.error().message);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, 1s, [&] { return stopping_.load(); });
  }
  (void)book_.set_cursor(position_);
}

Status LogReader::ask() {
  const std::uint64_t before = surveys_.stats().asked;
  const Status asked = surveys_.ask_due();
  if (surveys_.stats().asked > before) told_();
  return asked;
}

// With other settings other things are public, and in other words.
Status LogReader::keep_up() {
  const std::uint64_t number = view_.in_force.number();
  if (number == settings_seen_) return {};
  TRY(surveys_.keep_up());
  TRY(look_at_all());
  board_.erase_closed_before(view_.twin.clock().now() - view_.settings().closed_shown);
  settings_seen_ = number;
  return {};
}

Status LogReader::follow() {
  const flow::Seq before = position_;
  const auto records = TRY(view_.twin.read_log(before, kRecordsMax, 200ms));
  if (records.empty()) return {};
  if (records.front()->seq > before + 1) TRY(look_at_all());
  std::set<std::string_view> touched;
  for (const auto& record : records) {
    for (const flow::Change& change : record->changes) {
      if (change.is_a(flow::kCaseType)) touched.insert(change.entity.text());
      if (!change.is_a(flow::kPublicationType)) continue;
      const flow::EntityPtr entity = view_.twin.get(change.entity);
      if (entity) touched.insert(flow::link_field(*entity, "about").text());
    }
  }
  for (const std::string_view id : touched) TRY(look_at(EntityId::lookup(id)));
  const flow::Seq done = records.back()->seq;
  if (done >= saved_ + kSaveEvery) {
    TRY(book_.set_cursor(done));
    saved_ = done;
  }
  position_ = done;
  return {};
}

// All that citizens can see or are told of. What nobody of them has to do with costs a look at two texts.
Status LogReader::look_at_all() {
  std::vector<EntityId> all;
  view_.twin.each(flow::kCaseType, [&](const flow::EntityPtr& entity) {
    const bool shown = may_be_public(entity->text(flow::Name("channel")));
    if (shown || entity->find(flow::Name("media"))) all.push_back(entity->id);
    return true;
  });
  for (const EntityId id : all) TRY(look_at(id));
  return look_at_archive();
}

// Of the archive, which lies in order of ending, only what the public may still see.
Status LogReader::look_at_archive() {
  const casework::CaseArchive archive(view_.twin.store());
  const Instant oldest = view_.twin.clock().now() - view_.settings().closed_shown;
  std::uint64_t from = 0;
  for (std::uint64_t count = TRY(archive.size()); count > 0;) {
    const std::uint64_t half = count / 2;
    if (TRY(archive.at(from + half)).closed_at < oldest) {
      from += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return archive.each(from, [&](std::uint64_t, const flow::Entity& entity) {
    if (!may_be_public(entity.text(flow::Name("channel")))) return true;
    if (const auto one = flow::case_from(entity)) show(*one);
    return true;
  });
}

Status LogReader::look_at(EntityId id) {
  if (const flow::EntityPtr entity = view_.twin.get(id); entity && concerns_no_citizen(*entity)) return {};
  const auto one = casework::find_case(view_.twin, id.text());
  if (!one) {
    board_.erase(id);
    return one.error().code == base::Errc::not_found ? Status{} : Status(std::unexpected(one.error()));
  }
  ++cases_;
  show(*one);
  TRY(note_photos(*one));
  return tell_followers(*one);
}

void LogReader::show(const flow::Case& one) {
  if (!may_be_public(one.channel)) return;
  std::string reported_as;
  if (const std::string_view number = report_of_author(one.opened_by); !number.empty()) {
    if (const auto report = book_.report(number); report && *report) reported_as = (*report)->service;
  }
  const Service* service = view_.service_of(one, reported_as);
  const auto said = view_.publication(one.id);
  const Instant oldest = view_.twin.clock().now() - view_.settings().closed_shown;
  const bool shown = view_.is_public(one, service, said) && (one.is_open() || one.closed_at >= oldest);
  if (shown) board_.put(view_.make(one, service, said));
  else board_.erase(one.id);

  const bool withheld = !one.media.empty() || (service && service->texts == Service::Texts::approved) ||
                        !find_personal(one.description).empty();
  const bool waits = view_.is_public(one, service, said) && !said && withheld && one.channel != "sensor";
  const std::lock_guard lock(mutex_);
  const std::pair<Instant, std::string_view> key{one.opened_at, one.id.text()};
  if (waits) waiting_.insert(key);
  else waiting_.erase(key);
}

Status LogReader::note_photos(const flow::Case& one) {
  std::vector<std::string> named = one.media;
  for (const flow::CaseStep& step : one.timeline) add_photos(step.given, named);
  std::ranges::sort(named);
  named.erase(std::unique(named.begin(), named.end()), named.end());
  for (const std::string& id : named) {
    const auto known = TRY(book_.cases_of_photo(id));
    if (!std::binary_search(known.begin(), known.end(), one.id.text())) TRY(book_.use_photo(id, one.id.text()));
  }
  return {};
}

Status LogReader::tell_followers(const flow::Case& one) {
  const std::string_view number = report_of_author(one.opened_by);
  if (number.empty() && one.merged.empty()) return {};  // nobody follows it
  if (!number.empty()) TRY(book_.bind(number, one.id.text()));
  for (Report& report : TRY(book_.followers(one.id.text()))) {
    if (report.follows == one.id.text() && one.merged_into.empty()) TRY(surveys_.consider(report, one));
    TRY(tell(std::move(report), one));
  }
  return {};
}

// A report follows the case that it became, and where that was merged into; when the merger is undone it comes back.
Status LogReader::tell(Report report, const flow::Case& one) {
  const bool own = report.opened == one.id.text();
  if (own && one.merged_into.empty() && report.follows != report.opened) {
    report.follows = report.opened;
    report.told = 0;  // what was told before has its key already
  }
  const bool follows = report.follows == one.id.text();
  if (!follows) return {};
  const Report before = report;
  const auto steps = view_.steps(one, true);
  const Service* service = view_.service_of(one, report.service);
  const std::string_view id = one.id.text();
  std::vector<Notice> notices;
  for (std::size_t i = std::size_t(std::max<std::int64_t>(report.told, 0)); i < steps.size(); ++i) {
    Notice notice;
    notice.key = fmt::format("{}:{}:{}", report.number, id.substr(id.rfind(':') + 1), i);
    notice.report = report.number;
    notice.status = to_string(steps[i].status);
    notice.at = steps[i].at;
    notice.text = notice_text(steps[i], service ? service->name : one.title, code_of(one));
    notices.push_back(std::move(notice));
  }
  report.told = std::int64_t(steps.size());
  report.ended_at = one.is_open() ? base::kNever : one.closed_at == base::kNever ? steps.back().at : one.closed_at;
  if (!one.merged_into.empty()) {
    const auto into = casework::find_case(view_.twin, one.merged_into.text());
    if (into) {
      report.follows = one.merged_into.text();
      report.told = std::int64_t(view_.steps(*into).size());  // its past is not this reporter's news
      report.ended_at = into->is_open() ? base::kNever : into->closed_at;
    }
  }
  const bool same = notices.empty() && before.follows == report.follows && before.told == report.told &&
                    before.ended_at == report.ended_at;
  if (same) return {};
  TRY(book_.advance(report, notices));
  notices_ += notices.size();
  if (!notices.empty()) told_();
  return {};
}

void LogReader::sweep() {
  const base::Instant now = wall_.now();
  if (swept_at_ != base::kNever && now < swept_at_ + kSweepEvery) return;
  swept_at_ = now;
  const auto contacts = book_.erase_contacts_before(view_.twin.clock().now() - view_.settings().contact_kept);
  if (contacts) contacts_erased_ += std::uint64_t(*contacts);
  const auto erase = [this](const std::string& id) {
    const bool gone = photos_.erase(id);
    if (gone) ++photos_erased_;
    return gone;
  };
  const auto unused = book_.erase_unused_photos(now - kUnusedKept, erase);
  for (const std::string& id : photos_.older_than(2 * kUnusedKept)) {
    const auto known = book_.knows_photo(id);  // a crash may leave a file that no row names
    if (known && !*known) erase(id);
  }
  const auto surveys = surveys_.sweep();
  if (!contacts || !unused || !surveys) ++failures_;
  board_.erase_closed_before(view_.twin.clock().now() - view_.settings().closed_shown);
  ++sweeps_;
}

}  // namespace cityloop::civic
