#include "domain/awards/joining/registrar.h"

#include <algorithm>

#include "base/refusal.h"
#include "domain/awards/joining/letters.h"
#include "sense/clean_text.h"
#include "trust/secret.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonValue;
using base::refuse;
using base::Result;
using base::Status;
using Standing = trust::Enrolment::Standing;
using namespace std::chrono_literals;

constexpr std::string_view kRole = "applicant";
constexpr const char* kWriter = "awards-joining";
constexpr base::Duration kInvitationKept = std::chrono::days(30);  // when nobody may come any more

std::unexpected<base::Error> no_such_link() {
  return refuse(Errc::not_found, "链接无效、已用过或已过期：请重新获取",
                "this link is none of ours, was used, or its time is over: ask for another one");
}

std::string small(std::string_view email) {
  return trust::user_of_address(email).substr(5);
}

// What everybody says who asks: where a letter goes, and in which language.
Arrival read_address(const JsonValue& body, base::Flaws& flaws) {
  Arrival out;
  out.email = small(sense::clean_text(body.text_or("email", ""), {200, true}));
  out.language = body.text_or("language", "zh");
  if (!mail::is_address(out.email) || out.email.size() > 120)
    flaws.tell("邮箱无法收信", "no letter can go to this address");
  if (out.language != "zh" && out.language != "en") flaws.tell("language 应为 zh 或 en", "'language' is zh or en");
  return out;
}

std::string line_in(const JsonValue& body, const char* key, std::size_t most) {
  return sense::clean_text(body.text_or(key, ""), {most, true});
}

}  // namespace

Registrar::Registrar(EntryDesk& desk, GuestBook& guests, trust::Enrolment& enrolment, mail::Post& post,
                     const base::Clock& clock, const base::Clock& wall, std::function<std::string()> address)
    : desk_(desk),
      guests_(guests),
      enrolment_(enrolment),
      post_(post),
      clock_(clock),
      wall_(wall),
      address_(std::move(address)) {
  post_.add_writer(kWriter, [this](const std::string& arrival, Instant) { return letter(arrival, clock_.now()); });
}

// asking

Status Registrar::check_mail() const {
  if (post_.has_server() && !address_().empty()) return {};
  return refuse(Errc::unavailable, "本系统尚未开通发信，请联系秘书处",
                "no letters are sent here: write to the secretariat");
}

Status Registrar::ask(const Cycle& cycle, const JsonValue& body, Instant now) {
  const Registration& rules = cycle.registration;
  if (rules.how == Coming::closed)
    return refuse(Errc::conflict, "本届不接受网上报名，请联系秘书处",
                  "nobody registers for this cycle here: write to the secretariat");
  if (!rules.when.has(now))
    return refuse(Errc::conflict, "报名时间为 {} 至 {}", "one registers from {} until {}",
                  cycle.local(rules.when.opens), cycle.local(rules.when.closes));
  TRY(check_mail());
  base::Flaws flaws;
  Arrival one = read_address(body, flaws);
  one.cycle = cycle.id;
  one.purpose = kTakePart;
  one.unit = line_in(body, "unit", 160);
  one.person = line_in(body, "person", 80);
  if (one.unit.empty()) flaws.tell("请填写单位名称", "the unit's name is missing");
  if (one.person.empty()) flaws.tell("请填写联系人", "the contact person is missing");
  if (!body.boolean_or("consent", false)) flaws.tell("需同意个人信息的用途", "the consent is missing");
  TRY(flaws.none(Errc::invalid));
  return take(std::move(one), rules.a_day_max, now);
}

Status Registrar::ask_password(const JsonValue& body, Instant now) {
  TRY(check_mail());
  base::Flaws flaws;
  Arrival one = read_address(body, flaws);
  one.purpose = kPassword;
  TRY(flaws.none(Errc::invalid));
  return take(std::move(one), kPasswordsADayMax, now);
}

// The same work whatever address it is; how often somebody has asked for it tells of the asking alone.
Status Registrar::take(Arrival one, std::size_t a_day_max, Instant now) {
  if (TRY(guests_.asked_in(one.cycle, now - 24h)) >= a_day_max) {
    ++counts_.too_many;
    return refuse(Errc::full, "今天的请求已满，请明天再来", "too many have asked today: come again tomorrow");
  }
  one.id = make_id();
  one.asked_at = now;
  one.forget_at = now + 2 * kLinkHolds;
  one.used = TRY(guests_.asked_by(one.email, now - 24h)) >= kLettersADay;
  TRY(guests_.put(one));
  ++counts_.asked;
  if (!one.used) return send(one, kLinkHolds);
  ++counts_.too_often;
  return {};
}

Status Registrar::send(const Arrival& one, base::Duration within) {
  TRY(post_.put(mail::LetterToWrite{fmt::format("awards-{}:{}", one.purpose, one.id), one.id, kWriter, one.id},
                {.not_after = wall_.now() + within}));
  return {};
}

Status Registrar::settle(Instant now) {
  for (const Arrival& one : TRY(guests_.waiting(now)))
    TRY(send(one, one.purpose == kInvited ? kInvitationWaits : kLinkHolds));
  return {};
}

Status Registrar::look(Instant now) {
  TRY(guests_.sweep(now));
  for (const Cycle& cycle : desk_.cycles())
    if (now >= cycle.registration.when.closes + kInvitationKept) TRY(guests_.erase_idle(cycle.id));
  return {};
}

// the letter

Result<bool> Registrar::may_come(const Arrival& one) const {
  const Cycle* const cycle = desk_.cycle(one.cycle);
  if (!cycle || cycle->registration.how == Coming::closed) return false;
  if (cycle->registration.how == Coming::open && one.purpose == kTakePart) return true;
  const auto invitation = TRY(guests_.invited(one.cycle, one.email));
  return invitation && invitation->withdrawn_at == base::kNever;
}

Result<std::optional<mail::Letter>> Registrar::letter(const std::string& arrival, Instant now) {
  using Maybe = std::optional<mail::Letter>;  // nothing: it is not sent
  const auto one = TRY(guests_.arrival(arrival));
  if (!one || one->used) return Maybe{};
  const Standing standing = enrolment_.standing(trust::user_of_address(one->email), kRole);
  const bool known = standing == Standing::enrolled, invited = one->purpose == kInvited;
  if (standing == Standing::other) return Maybe{};
  if ((!known || invited) && !TRY(may_come(*one))) return Maybe{};
  const std::string home = address_();
  if (home.empty()) return base::fail(Errc::unavailable, "the city has no public address for links");
  const Cycle* const cycle = desk_.cycle(one->cycle);
  const std::string page = cycle ? fmt::format("{}/c/awards/cycles/{}", home, cycle->id) : home + "/c/awards";
  mail::Letter out;
  if (known && invited) {
    out = invitation_letter(*cycle, one->unit, home + "/awards/entries");
  } else {
    const std::string secret = trust::make_secret();
    TRY(guests_.put_link(trust::fingerprint(secret), one->id, now + kLinkHolds));
    const std::string link = fmt::format("{}/password#{}", page, secret);
    const int hours = int(kLinkHolds / 1h);
    out = known     ? password_letter(cycle, link, hours)
          : invited ? invitation_letter(*cycle, one->unit, link, page, hours)
                    : take_part_letter(*cycle, link, hours);
  }
  out.to = one->email;
  out.language = one->language;
  return out;
}

// the link

Result<Arrival> Registrar::behind(std::string_view link, std::string_view cycle, Instant now) {
  auto one = TRY(guests_.behind(trust::fingerprint(link), now));
  if (one && one->cycle == cycle) {
    const Standing standing = enrolment_.standing(trust::user_of_address(one->email), kRole);
    if (standing == Standing::enrolled || (standing == Standing::free && TRY(may_come(*one)))) return *std::move(one);
  }
  ++counts_.no_link;
  return no_such_link();
}

// Who they are, as far as they said; whoever has said it before knows better.
Status Registrar::introduce(const Arrival& one, const std::string& account) {
  if (TRY(desk_.applicant_of(account))) return {};
  const std::string& unit = one.unit;
  if (unit.empty()) return {};  // only a password: it is said on the unit's own page
  base::JsonWriter out;
  out.object().key("unit").object().field(one.language == "en" ? "en" : "zh", unit).end();
  out.field("person", one.person).field("email", one.email).field("language", one.language).end();
  TRY(desk_.put_profile(account, TRY(JsonValue::parse(out.take()))));
  return {};
}

bool Registrar::is_known(const Arrival& one) const {
  return enrolment_.standing(trust::user_of_address(one.email), kRole) == Standing::enrolled;
}

Result<Arrived> Registrar::come(const Entering& wish, Instant now) {
  Arrival one = TRY(behind(wish.link, wish.cycle, now));
  base::Flaws flaws;
  if (!trust::check_password(wish.password))
    flaws.tell("密码至少 10 个字符，最多 1024 字节", "a password has 10 characters at least, 1024 bytes at most");
  const std::string account = trust::user_of_address(one.email);
  const bool fresh = !is_known(one);
  if (fresh && one.purpose == kInvited) {
    one.person = sense::clean_text(wish.person, {80, true});
    if (one.person.empty()) flaws.tell("请填写联系人", "the contact person is missing");
    if (!wish.consent) flaws.tell("需同意个人信息的用途", "the consent is missing");
  }
  TRY(flaws.none(Errc::invalid));
  if (!TRY(guests_.use(one.id))) return no_such_link();
  const std::string& name = one.unit.empty() ? one.email : one.unit;
  const Status told = introduce(one, account);
  const Status made = told ? enrolment_.put(account, kRole, {name, name}, wish.password) : told;
  if (!made) {
    TRY(guests_.unuse(one.id));
    return std::unexpected(made.error());
  }
  TRY(guests_.drop_links_of(one.email));
  TRY(guests_.came(one.cycle, one.email, now));
  ++counts_.came;
  const auto who = TRY(desk_.applicant_of(account));
  if (const Cycle* const in = desk_.cycle(one.cycle))
    TRY(note(*in, now, who ? who->id : "applicant", fresh ? "registered" : "password_set",
             fresh ? "consent " + trust::fingerprint(in->registration.consent.zh + in->registration.consent.en) : ""));
  return Arrived{account, fresh};
}

Status Registrar::leave(const std::string& account, Instant now) {
  const auto who = TRY(desk_.applicant_of(account));
  if (who) {
    const auto all = TRY(desk_.book().heads({.applicant = who->id}, kProposalsMax, 0));
    for (const Proposal& one : all)
      if (!one.number.empty() && !has_ended(one.stage))
        return refuse(Errc::conflict, "{} 仍在评选中：请先撤回", "{} is still in the running: withdraw it first",
                      one.number);
    for (const Proposal& one : all)
      if (one.number.empty()) TRY(desk_.drop(*who, one.id));
    TRY(desk_.book().forget_applicant(who->id));
    for (const Cycle& cycle : desk_.cycles())
      if (std::ranges::find(all, cycle.id, &Proposal::cycle) != all.end()) TRY(note(cycle, now, who->id, "left", ""));
  }
  TRY(guests_.erase_address(account.substr(account.find(':') + 1)));
  return enrolment_.erase(account, kRole);
}

Status Registrar::note(const Cycle& cycle, Instant at, const std::string& by, std::string_view what,
                       std::string_view of) {
  return desk_.book().note({whole_cycle(cycle.id), at, by, std::string(what), std::string(of)});
}

}  // namespace cityloop::awards
