#include "civic/report_desk.h"

#include <algorithm>
#include <memory>

#include "serve/case_intake.h"
#include "serve/views.h"
#include "trust/secret.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;
using base::Status;

constexpr std::size_t kNameMax = 100, kEmailMax = 254, kPhoneMax = 40;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return std::uint8_t(c) < ' ' || c == 127; });
}

bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos) return false;
  const std::string_view host = text.substr(at + 1);
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return c == ' ' || c == '<' || c == '>' || c == ',' || c == ';' || c == '"' || c == '\\' || c == '(' || c == ')' ||
           std::uint8_t(c) > 126;
  });
  return plain && host.find('.') != std::string_view::npos && !host.starts_with('.') && !host.ends_with('.');
}

// A body as serve's reader of new cases has it, so that every channel is checked alike.
JsonValue body_of(const NewReport& report, const std::string& text) {
  base::JsonWriter out;
  out.object().field("kind", report.service->kind);
  if (!report.service->category.empty()) out.field("category", report.service->category);
  serve::write(out.key("title"), report.service->name);
  out.field("description", text).field("address", report.address);
  if (report.placed) {
    out.key("location").object().field("type", "Point").key("coordinates").array();
    out.number(report.lon_deg).number(report.lat_deg).end().end();
  }
  out.key("media").array();
  for (const std::string& id : report.media) out.text(id);
  out.end().end();
  return JsonValue::parse(out.str()).value_or(JsonValue{});
}

// What became of the report. What stands in the log will still be done, and a key that was used for another report has
// that one's row; in every other case nothing is left of it.
Result<PostedReport> take_in(const Office& on, const std::string& number, const Result<flow::Action>& acted) {
  if (!acted) {
    const bool may_be_done = acted.error().code == Errc::timeout || acted.error().code == Errc::exists;
    if (!may_be_done) (void)on.book.drop_report(number);
    return std::unexpected(acted.error());
  }
  if (acted->status == flow::ActionStatus::refused) {
    ++on.refusals.reports;
    (void)on.book.drop_report(number);
    return fail(Errc::conflict, "{}", acted->reason);
  }
  TRY(on.book.bind(number, acted->target.text()));
  return PostedReport{number, acted->target};
}

}  // namespace

Status check_contact(const Contact& contact) {
  if (contact.name.size() > kNameMax || has_control(contact.name))
    return fail(Errc::invalid, "a name has at most {} bytes and no line ends", kNameMax);
  if (!contact.email.empty() &&
      (contact.email.size() > kEmailMax || has_control(contact.email) || !is_email(contact.email)))
    return fail(Errc::invalid, "the e-mail address is none that can be written to");
  if (contact.phone.size() > kPhoneMax || has_control(contact.phone))
    return fail(Errc::invalid, "a phone number has at most {} bytes", kPhoneMax);
  if (!contact.language.empty() && contact.language != "zh" && contact.language != "en")
    return fail(Errc::invalid, "'language' is zh or en");
  return {};
}

// What the reporter wrote, and below it the answers to the service's questions.
Result<std::string> ReportDesk::whole_text(const NewReport& report) const {
  std::string out = report.description;
  for (const ServiceAttribute& attribute : report.service->attributes) {
    const JsonValue* answer = report.answers.find(attribute.code);
    const std::string line = TRY(attribute.line(answer ? *answer : JsonValue{}));
    if (!line.empty()) out += (out.empty() ? "" : "\n") + line;
  }
  if (out.empty() && report.media.empty()) return fail(Errc::invalid, "a report needs a description or a photo");
  return out;
}

Status ReportDesk::check_photos(const NewReport& report) const {
  const PhotoWish wish = report.service->photo;
  const std::size_t most = wish == PhotoWish::none ? 0 : on.settings().photos_max;
  if (report.media.size() > most) return fail(Errc::invalid, "at most {} photos go with this", most);
  if (wish == PhotoWish::required && report.media.empty()) return fail(Errc::invalid, "a photo must go with this");
  for (const std::string& id : report.media) {
    auto photo = TRY(on.book.photo(id));
    if (!photo || photo->by != "citizen")
      return fail(Errc::invalid, "there is no photo '{}'; one that no report names is deleted after a day", id);
    photo->at = on.wall.now();
    TRY(on.book.put_photo(*photo));
  }
  return {};
}

Result<flow::Action> ReportDesk::action(const NewReport& report) const {
  if (!report.placed && report.address.empty()) return fail(Errc::invalid, "a report needs a place");
  if (!report.placed && report.channel == "citizen") return fail(Errc::invalid, "a report needs a place on the map");
  TRY(check_contact(report.contact));
  const std::string text = TRY(whole_text(report));
  serve::NewCase one = TRY(serve::NewCase::read(body_of(report, text), on.city));
  TRY(check_photos(report));
  one.channel = report.channel;
  one.report = true;
  one.note = report.note;
  return one.action();
}

std::string ReportDesk::number_for(NewReport& report) const {
  if (report.once.none()) report.once.text = trust::make_secret();
  return on.links.number_from(fmt::format("{}\n{}", report.key_of, report.once.text));
}

void ReportDesk::post(NewReport report, std::function<void(Result<PostedReport>)> done) const {
  auto action = this->action(report);
  if (!action) {
    ++on.refusals.reports;
    return done(std::unexpected(action.error()));
  }
  const std::string number = number_for(report);
  Report row;
  row.number = number;
  row.service = report.service->code;
  row.key_of = report.key_of;
  row.at = on.twin.clock().now();
  if (const Status kept = on.book.put_report(row, report.contact); !kept) return done(std::unexpected(kept.error()));
  action->by = author_of(number);
  // The answer comes on the committer's thread, which waits for nobody: the book is the clerk's.
  on.desk.submit(
      std::move(*action), report.once, [&on = on, number, done = std::move(done)](Result<flow::Action> acted) {
        (void)on.clerk.post([&on, number, done, acted = std::move(acted)] { done(take_in(on, number, acted)); });
      });
}

}  // namespace cityloop::civic
