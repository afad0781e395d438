#include "domain/awards/desk/letter_desk.h"

#include <algorithm>
#include <map>

#include "base/refusal.h"
#include "sense/clean_text.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonValue;
using base::refuse;
using base::Result;
using base::Status;
using mail::LetterStage;
using namespace std::chrono_literals;

constexpr const char* kWriter = "awards";
constexpr base::Duration kLookEvery = 10s;

std::string key_of(const Occasion& one, unsigned nth) {
  const std::string first = fmt::format("awards:{}:{}:{}", one.proposal, to_string(one.kind), one.about);
  return nth == 1 ? first : fmt::format("{}:{}", first, nth);
}

std::optional<LetterKind> kind_from(std::string_view code) {
  const auto found = std::ranges::find(kLetterKinds, code, [](LetterKind one) { return to_string(one); });
  return found == std::end(kLetterKinds) ? std::nullopt : std::optional(*found);
}

bool same(const Occasion& one, LetterKind kind, std::string_view about) {
  return one.kind == kind && one.about == about;
}

}  // namespace

// What the secretary wants sent, as it was shown.
struct LetterDesk::Wish {
  std::string proposal, about;
  LetterKind kind{};
  unsigned nth{};
};

LetterDesk::LetterDesk(EntryDesk& entries, mail::Post& post, const base::Clock& clock, const base::Clock& wall,
                       std::function<std::string()> address)
    : entries_(entries), post_(post), clock_(clock), wall_(wall), address_(std::move(address)) {
  post_.add_writer(kWriter, [this](const std::string& about, Instant) { return write(about); });
}

// what there is

Result<std::vector<DueLetter>> LetterDesk::due(const Cycle& cycle, Instant now) {
  Book& book = entries_.book();
  std::vector<DueLetter> out;
  std::map<std::string, Applicant> people;
  for (const Proposal& one : TRY(book.heads({.cycle = cycle.id}, kProposalsMax, 0))) {
    for (Occasion& occasion : TRY(occasions_of(cycle, book, one, now))) {
      auto who = people.find(one.applicant);
      if (who == people.end())
        who = people.emplace(one.applicant, TRY(book.applicant(one.applicant)).value_or(Applicant{})).first;
      out.push_back({one, who->second, std::move(occasion), {}});
    }
  }
  TRY(stand(out));
  return out;
}

// Asks for the first of all, then for the second of those that have a first, until none has a next.
Status LetterDesk::stand(std::vector<DueLetter>& letters) {
  std::vector<DueLetter*> open;
  for (DueLetter& one : letters) open.push_back(&one);
  for (unsigned nth = 1; !open.empty(); ++nth) {
    std::vector<std::string> keys;
    for (const DueLetter* one : open) keys.push_back(key_of(one->occasion, nth));
    auto states = TRY(post_.states(keys));
    std::vector<DueLetter*> next;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (states[i].stage == LetterStage::none) continue;
      open[i]->standing = {nth, std::move(states[i])};
      next.push_back(open[i]);
    }
    open = std::move(next);
  }
  return {};
}

Result<mail::Letter> LetterDesk::preview(const Cycle& cycle, const DueLetter& one) {
  return words_of(cycle, entries_.book(), one.about, one.occasion, address_());
}

// A letter's turn has come. Nothing where what it tells is no longer so, or nobody is there to read it.
Result<std::optional<mail::Letter>> LetterDesk::write(const std::string& about) {
  const JsonValue said = TRY(JsonValue::parse(about));
  const Cycle* const cycle = entries_.cycle(said.text_or("cycle", ""));
  const auto kind = kind_from(said.text_or("code", ""));
  const auto one = TRY(entries_.book().proposal(said.text_or("proposal", "")));
  if (!cycle || !kind || !one) return std::optional<mail::Letter>{};
  for (const Occasion& occasion : TRY(occasions_of(*cycle, entries_.book(), *one, clock_.now()))) {
    if (!same(occasion, *kind, said.text_or("occasion", ""))) continue;
    const auto who = TRY(entries_.book().applicant(one->applicant));
    if (!who || !mail::is_address(who->email)) return std::optional<mail::Letter>{};
    return std::optional(TRY(words_of(*cycle, entries_.book(), *one, occasion, address_())));
  }
  return std::optional<mail::Letter>{};
}

// what is sent

Result<LetterDesk::Wish> LetterDesk::wish_of(const JsonValue& from) const {
  const auto kind = kind_from(from.text_or("code", ""));
  const double nth = from.number_or("nth", 1);
  if (!kind)
    return refuse(Errc::invalid, "没有这种信函：{}", "there is no kind of letter '{}'", from.text_or("code", ""));
  if (!(nth >= 1 && nth <= 1000)) return refuse(Errc::invalid, "“nth”应为第几次发送", "'nth' is a number from 1 on");
  return Wish{from.text_or("proposal", ""), from.text_or("occasion", ""), *kind, unsigned(nth)};
}

// Why it cannot be sent with this number; one that is on its way or was taken with it is no matter of this.
std::optional<Bilingual> LetterDesk::obstacle(const DueLetter& one, const Wish& wish) const {
  if (!one.can_be_sent()) return Bilingual{"申报方没有可用的邮箱", "the applicant has no address that works"};
  if (wish.nth > one.standing.nth + 1) return Bilingual{"尚未发送过", "it was not sent before"};
  if (wish.nth > 1 && one.standing.state.stage == LetterStage::waiting)
    return Bilingual{"上一封尚在等待发送", "the one before is still waiting"};
  return std::nullopt;
}

Result<LettersSent> LetterDesk::send(const Cycle& cycle, const std::string& by, const JsonValue& body, Instant now) {
  const JsonValue* const list = body.find("letters");
  if (!list || !list->array() || list->array()->empty() || list->array()->size() > kLettersAtOnce)
    return refuse(Errc::invalid, "“letters”为 1 至 {} 封信", "'letters' is a list of 1 to {}", kLettersAtOnce);
  const std::string reason = TRY(sense::checked_text("reason", body.text_or("reason", ""), {1000, true}));
  LettersSent out;
  std::vector<Wish> wishes;
  std::vector<DueLetter> found;
  for (const JsonValue& item : *list->array()) {
    Wish wish = TRY(wish_of(item));
    if (wish.nth > 1 && reason.empty())
      return refuse(Errc::invalid, "再次发送须说明理由", "sent again it needs a reason");
    const auto one = TRY(entries_.book().proposal(wish.proposal));
    const auto occasions =
        one && one->cycle == cycle.id ? TRY(occasions_of(cycle, entries_.book(), *one, now)) : std::vector<Occasion>{};
    const auto occasion =
        std::ranges::find_if(occasions, [&](const Occasion& it) { return same(it, wish.kind, wish.about); });
    if (occasion == occasions.end()) {
      out.left.push_back(
          {wish.proposal, wish.kind, {"现在没有发这封信的理由", "there is no occasion for it any more"}});
      continue;
    }
    found.push_back({*one, TRY(entries_.book().applicant(one->applicant)).value_or(Applicant{}), *occasion, {}});
    wishes.push_back(std::move(wish));
  }
  TRY(stand(found));
  std::vector<const DueLetter*> chosen;
  std::unordered_set<std::string> keys;  // one that is named twice is one
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (wishes[i].nth <= found[i].standing.nth || !keys.insert(key_of(found[i].occasion, wishes[i].nth)).second) {
      ++out.already;
    } else if (const auto why = obstacle(found[i], wishes[i])) {
      out.left.push_back({wishes[i].proposal, wishes[i].kind, *why});
    } else {
      chosen.push_back(&found[i]);
    }
  }
  TRY(put(cycle, by, chosen, reason, now));
  out.sent = chosen.size();
  return out;
}

// Who sent it is written down before it can leave. A stop between the two leaves a letter unsent, which the page shows.
Status LetterDesk::put(const Cycle& cycle, const std::string& by, const std::vector<const DueLetter*>& letters,
                       const std::string& reason, Instant now) {
  std::map<Instant, std::vector<mail::LetterToWrite>> by_end;
  for (const DueLetter* one : letters) {
    const Occasion& occasion = one->occasion;
    base::JsonWriter about;
    about.object().field("cycle", cycle.id).field("proposal", occasion.proposal);
    about.field("code", to_string(occasion.kind)).field("occasion", occasion.about).end();
    TRY(entries_.note(one->about, now, by, fmt::format("letter_{}", to_string(occasion.kind)), reason));
    by_end[occasion.not_after].push_back(
        {key_of(occasion, one->standing.nth + 1), one->about.applicant, kWriter, about.take()});
  }
  for (const auto& [end, all] : by_end) {
    mail::LetterTimes times;
    if (end != base::kNever) times.not_after = wall_.now() + (end - now);  // the post goes by the wall's clock
    TRY(post_.put(all, times));
    sent_ += all.size();
  }
  return {};
}

// what goes by itself

Status LetterDesk::look(const Cycle& cycle, Instant now) {
  Book& book = entries_.book();
  std::vector<DueLetter> fresh;
  for (const Proposal& one : TRY(book.heads({.cycle = cycle.id}, kProposalsMax, 0))) {
    for (Occasion& occasion : TRY(occasions_of(cycle, book, one, now))) {
      if (std::ranges::find(cycle.automatic, occasion.kind) == cycle.automatic.end()) continue;
      if (known_.contains(key_of(occasion, 1)) || fresh.size() == kLettersAtOnce) continue;
      const auto who = TRY(book.applicant(one.applicant));
      if (who && mail::is_address(who->email)) fresh.push_back({one, *who, std::move(occasion), {}});
    }
  }
  TRY(stand(fresh));
  std::vector<const DueLetter*> chosen;
  for (const DueLetter& one : fresh)
    if (one.standing.nth == 0) chosen.push_back(&one);
  TRY(put(cycle, "awards", chosen, "", now));
  for (const DueLetter& one : fresh) known_.insert(key_of(one.occasion, 1));
  return {};
}

Status LetterDesk::look(Instant now) {
  if (looked_at_ != base::kNever && now < looked_at_ + kLookEvery) return {};
  looked_at_ = now;
  for (const Cycle& cycle : entries_.cycles()) {
    if (!cycle.automatic.empty()) TRY(look(cycle, now));
  }
  return {};
}

}  // namespace cityloop::awards
