// The secretariat's half of the registrar: whom it invites.
#include <algorithm>

#include "base/refusal.h"
#include "domain/awards/joining/registrar.h"
#include "sense/clean_text.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::refuse;
using base::Result;
using base::Status;

constexpr std::size_t kRefusedTextMax = 200;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '"'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// The cells of a line, whatever a table or a person parts them by.
std::vector<std::string_view> cells_of(std::string_view line) {
  constexpr std::string_view kPartings[] = {"\t", ",", ";", "，", "；"};
  std::vector<std::string_view> out;
  while (true) {
    std::size_t at = line.npos, size = 0;
    for (const std::string_view one : kPartings)
      if (const std::size_t found = line.find(one); found < at) at = found, size = one.size();
    if (const std::string_view cell = trimmed(line.substr(0, at)); !cell.empty()) out.push_back(cell);
    if (at == line.npos) return out;
    line.remove_prefix(at + size);
  }
}

std::string language_from(std::string_view cell) {
  if (cell == "zh" || cell == "中文" || cell == "汉语") return "zh";
  if (cell == "en" || cell == "英文" || cell == "English") return "en";
  return {};
}

bool is_heading(std::string_view line) {
  constexpr std::string_view kWords[] = {"邮箱", "mail", "Mail", "address", "Address", "地址"};
  return line.find('@') == line.npos &&
         std::ranges::any_of(kWords, [&](std::string_view word) { return line.find(word) != line.npos; });
}

}  // namespace

std::vector<InvitationLine> read_invitations(std::string_view list, const std::string& language,
                                             std::vector<RefusedLine>& refused) {
  std::vector<InvitationLine> out;
  for (std::size_t number = 1; !list.empty(); ++number) {
    const std::size_t end = list.find('\n');
    const std::string line = sense::clean_text(list.substr(0, end), {2000, false});  // tabs part cells
    list.remove_prefix(end == list.npos ? list.size() : end + 1);
    if (line.empty() || (number == 1 && is_heading(line))) continue;
    InvitationLine one{number, "", "", language};
    for (const std::string_view cell : cells_of(line)) {
      const std::string said = language_from(cell);
      if (one.email.empty() && cell.find('@') != cell.npos) one.email = trust::user_of_address(cell).substr(5);
      else if (!said.empty()) one.language = said;
      else one.unit += fmt::format("{}{}", one.unit.empty() ? "" : ", ", cell);
    }
    const auto refuse_it = [&](Bilingual why) {
      refused.push_back({number, sense::clean_text(line, {kRefusedTextMax, true}), std::move(why)});
    };
    const auto before = std::ranges::find(out, one.email, &InvitationLine::email);
    if (one.email.empty()) refuse_it({"没有邮箱", "there is no address"});
    else if (!mail::is_address(one.email) || one.email.size() > 120)
      refuse_it({"邮箱无法收信", "no letter can go to this address"});
    else if (before != out.end())
      refuse_it(
          {fmt::format("与第 {} 行重复", before->line), fmt::format("the same address as in line {}", before->line)});
    else if (one.unit.empty()) refuse_it({"没有单位名称", "there is no unit"});
    else if (sense::clean_text(one.unit, {160, true}) != one.unit)
      refuse_it({"单位名称超过 160 字", "the unit's name has more than 160 characters"});
    else out.push_back(std::move(one));
  }
  return out;
}

Result<Invited> Registrar::invite(const Cycle& cycle, const std::string& by, std::string_view list,
                                  const std::string& language, Instant now) {
  if (cycle.registration.how == Coming::closed)
    return refuse(Errc::conflict, "本届账号由管理员建立，不发邀请",
                  "accounts of this cycle are made by hand: nobody is invited");
  if (now >= cycle.registration.when.closes)
    return refuse(Errc::conflict, "报名已于 {} 截止", "registration closed at {}",
                  cycle.local(cycle.registration.when.closes));
  if (std::size_t(std::ranges::count(list, '\n')) > kInvitationLinesMax)
    return refuse(Errc::invalid, "一次最多 {} 行", "a list has {} lines at most", kInvitationLinesMax);
  Invited out;
  const auto lines = read_invitations(list, language, out.refused);
  if (TRY(guests_.invitations(cycle.id)).size() + lines.size() > kInvitationsMax)
    return refuse(Errc::conflict, "一届最多邀请 {} 个邮箱", "{} addresses at most are invited to a cycle",
                  kInvitationsMax);
  std::vector<std::pair<Arrival, Invitation>> all;
  for (const InvitationLine& line : lines) {
    const auto before = TRY(guests_.invited(cycle.id, line.email));
    if (before && before->withdrawn_at == base::kNever) {
      out.refused.push_back({line.line, line.email, {"已邀请过", "invited already"}, true});
      continue;
    }
    Invitation one = before.value_or(Invitation{});
    one.id = before ? before->id : make_id();
    one.cycle = cycle.id;
    one.email = line.email, one.unit = line.unit, one.language = line.language;
    const Arrival arrival = renew(one, by, now);
    all.emplace_back(arrival, one);
  }
  TRY(guests_.put(all));
  for (const auto& [arrival, invitation] : all) {
    TRY(send(arrival, kInvitationWaits));
    TRY(note(cycle, now, by, "invited", invitation.id));
  }
  out.taken = all.size();
  std::ranges::sort(out.refused, {}, &RefusedLine::line);
  return out;
}

// Another letter of its own.
Arrival Registrar::renew(Invitation& one, const std::string& by, Instant now) {
  Arrival out;
  out.id = make_id();
  out.cycle = one.cycle, out.purpose = kInvited, out.email = one.email, out.unit = one.unit,
  out.language = one.language;
  out.asked_at = now;
  out.forget_at = now + kInvitationWaits + kLinkHolds;
  one.letters = one.arrival.empty() ? 1 : one.letters + 1;
  one.arrival = out.id;
  one.by = by;
  one.invited_at = now;
  one.withdrawn_at = base::kNever;
  return out;
}

Result<Invitation> Registrar::standing(const Cycle& cycle, std::string_view id) {
  auto found = TRY(guests_.invitation(id));
  if (!found || found->cycle != cycle.id) return refuse(Errc::not_found, "没有这份邀请", "there is no such invitation");
  return *std::move(found);
}

Result<Invitation> Registrar::invite_again(const Cycle& cycle, const std::string& by, std::string_view id,
                                           Instant now) {
  Invitation one = TRY(standing(cycle, id));
  if (now >= cycle.registration.when.closes)
    return refuse(Errc::conflict, "报名已于 {} 截止", "registration closed at {}",
                  cycle.local(cycle.registration.when.closes));
  TRY(guests_.drop_arrival(one.arrival));
  const Arrival arrival = renew(one, by, now);
  TRY(guests_.put({{arrival, one}}));
  TRY(send(arrival, kInvitationWaits));
  TRY(note(cycle, now, by, "invited_again", one.id));
  return standing(cycle, id);
}

Result<Invitation> Registrar::withdraw(const Cycle& cycle, const std::string& by, std::string_view id, Instant now) {
  Invitation one = TRY(standing(cycle, id));
  if (one.withdrawn_at != base::kNever) return one;
  TRY(guests_.drop_arrival(one.arrival));
  TRY(post_.withdraw(key_of(one)));
  one.withdrawn_at = now;
  TRY(guests_.put(one));
  TRY(note(cycle, now, by, "invitation_withdrawn", one.id));
  return one;
}

Status Registrar::erase(const Cycle& cycle, const std::string& by, std::string_view id, Instant now) {
  const Invitation one = TRY(standing(cycle, id));
  TRY(post_.withdraw(key_of(one)));
  TRY(guests_.erase(one.id));
  return note(cycle, now, by, "invitation_erased", one.id);
}

std::string Registrar::key_of(const Invitation& one) {
  return fmt::format("awards-{}:{}", kInvited, one.arrival);
}

Result<std::vector<mail::LetterState>> Registrar::letters(std::span<const Invitation> of) {
  std::vector<std::string> keys;
  for (const Invitation& one : of) keys.push_back(key_of(one));
  return post_.states(keys);
}

}  // namespace cityloop::awards
