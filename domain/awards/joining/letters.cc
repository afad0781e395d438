#include "domain/awards/joining/letters.h"

namespace cityloop::awards {
namespace {

mail::Letter letter(Bilingual subject, Bilingual text) {
  mail::Letter out;
  out.subject = std::move(subject);
  out.text = std::move(text);
  return out;
}

std::string either(const std::string& one, const std::string& other) {
  return one.empty() ? other : one;
}

// Who writes, below the text.
Bilingual signed_by(const Cycle& cycle) {
  return {
      fmt::format("\n\n{}\n{}", either(cycle.organiser.zh, cycle.organiser.en), either(cycle.name.zh, cycle.name.en)),
      fmt::format("\n\n{}\n{}", either(cycle.organiser.en, cycle.organiser.zh), either(cycle.name.en, cycle.name.zh))};
}

Bilingual invites(const Cycle& cycle, const std::string& unit) {
  const Bilingual name{either(cycle.name.zh, cycle.name.en), either(cycle.name.en, cycle.name.zh)};
  const std::string opens = cycle.local(cycle.entry.opens), closes = cycle.local(cycle.entry.closes);
  return {fmt::format("诚邀{}参加“{}”。申报时间：{} 至 {}。", unit, name.zh, opens, closes),
          fmt::format("{} is invited to take part in {}. Entries are taken from {} until {}.", unit, name.en, opens,
                      closes)};
}

}  // namespace

mail::Letter take_part_letter(const Cycle& cycle, const std::string& link, int hours) {
  const Bilingual name{either(cycle.name.zh, cycle.name.en), either(cycle.name.en, cycle.name.zh)};
  const Bilingual by = signed_by(cycle);
  return letter(
      {fmt::format("{}：请设置密码", name.zh), fmt::format("{}: set your password", name.en)},
      {fmt::format(
           "有人用此邮箱报名参加“{}”。请打开下面的链接设置密码，然后即可填写申报。链接 {} 小时内有效，只能使用一次。"
           "\n\n{}\n\n如果不是您报的名，请忽略此信：不打开链接就不会建立账号，地址会自动删除。{}",
           name.zh, hours, link, by.zh),
       fmt::format(
           "Somebody gave this address to take part in {}. Open this link to set a password; then you can enter. "
           "It holds for {} hours, once.\n\n{}\n\nIf it was not you, leave it: without the link no account is "
           "made, and the address is erased by itself.{}",
           name.en, hours, link, by.en)});
}

mail::Letter password_letter(const Cycle* cycle, const std::string& link, int hours) {
  const Bilingual by = cycle ? signed_by(*cycle) : Bilingual{};
  return letter(
      {"设置新密码", "Set another password"},
      {fmt::format(
           "此邮箱已有账号。打开下面的链接可设置新密码，链接 {} 小时内有效，只能使用一次；设置后，其他设备上的登录将"
           "失效。\n\n{}\n\n如果不是您要求的，请忽略此信：原密码仍然有效。{}",
           hours, link, by.zh),
       fmt::format(
           "This address has an account. Open this link to set another password. It holds for {} hours, once; "
           "wherever you are signed in with the old one you are signed out.\n\n{}\n\nIf you did not ask for it, "
           "leave it: the password stays as it is.{}",
           hours, link, by.en)});
}

mail::Letter invitation_letter(const Cycle& cycle, const std::string& unit, const std::string& link,
                               const std::string& page, int hours) {
  const Bilingual by = signed_by(cycle), lead = invites(cycle, unit);
  const Bilingual name{either(cycle.name.zh, cycle.name.en), either(cycle.name.en, cycle.name.zh)};
  return letter(
      {fmt::format("邀请参加：{}", name.zh), fmt::format("Invitation: {}", name.en)},
      {fmt::format(
           "{}\n\n请打开下面的链接设置密码，然后即可填写申报。链接 {} 小时内有效，只能使用一次。\n\n{}\n\n链接失效后，"
           "请在此页用本邮箱重新获取：\n{}{}",
           lead.zh, hours, link, page, by.zh),
       fmt::format("{}\n\nOpen this link to set a password; then you can enter. It holds for {} hours, once.\n\n{}\n\n"
                   "Afterwards this page sends another one to this address:\n{}{}",
                   lead.en, hours, link, page, by.en)});
}

mail::Letter invitation_letter(const Cycle& cycle, const std::string& unit, const std::string& desk) {
  const Bilingual by = signed_by(cycle), lead = invites(cycle, unit);
  const Bilingual name{either(cycle.name.zh, cycle.name.en), either(cycle.name.en, cycle.name.zh)};
  return letter(
      {fmt::format("邀请参加：{}", name.zh), fmt::format("Invitation: {}", name.en)},
      {fmt::format("{}\n\n此邮箱已有账号，登录后即可填写申报：\n{}{}", lead.zh, desk, by.zh),
       fmt::format("{}\n\nThis address has an account: sign in, and you can enter:\n{}{}", lead.en, desk, by.en)});
}

}  // namespace cityloop::awards
