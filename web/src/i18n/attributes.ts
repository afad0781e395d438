// Names for people of the attributes that Smart Data Models use; the city's own names, where given, go first.
import type { Text } from '../api/schema';

const known: Record<string, [zh: string, en: string]> = {
  averageVehicleSpeed: ['平均车速', 'Average speed'],
  averageVehicleLength: ['平均车长', 'Average vehicle length'],
  intensity: ['流量', 'Intensity'],
  vehicleCount: ['车辆数', 'Vehicles'],
  occupancy: ['占有率', 'Occupancy'],
  congested: ['拥堵', 'Congested'],
  travelTime: ['行程时间', 'Travel time'],
  freeFlowSpeed: ['自由流车速', 'Free-flow speed'],
  maximumAllowedSpeed: ['限速', 'Speed limit'],
  length: ['长度', 'Length'],
  availableSpotNumber: ['空余车位', 'Free spaces'],
  occupiedSpotNumber: ['已用车位', 'Occupied spaces'],
  totalSpotNumber: ['总车位', 'Spaces'],
  temperature: ['气温', 'Temperature'],
  relativeHumidity: ['相对湿度', 'Relative humidity'],
  precipitation: ['降水', 'Precipitation'],
  rainIntensity: ['雨强', 'Rain intensity'],
  windSpeed: ['风速', 'Wind speed'],
  windDirection: ['风向', 'Wind direction'],
  atmosphericPressure: ['气压', 'Pressure'],
  dewPoint: ['露点', 'Dew point'],
  visibility: ['能见度', 'Visibility'],
  pm25: ['PM2.5', 'PM2.5'],
  pm10: ['PM10', 'PM10'],
  PM25: ['PM2.5', 'PM2.5'],
  PM10: ['PM10', 'PM10'],
  no2: ['二氧化氮', 'NO₂'],
  NO2: ['二氧化氮', 'NO₂'],
  o3: ['臭氧', 'Ozone'],
  O3: ['臭氧', 'Ozone'],
  co: ['一氧化碳', 'CO'],
  CO: ['一氧化碳', 'CO'],
  airQualityIndex: ['空气质量指数', 'Air quality index'],
  LAeq: ['等效声级', 'LAeq'],
  LAmax: ['最大声级', 'LAmax'],
  waterLevel: ['水位', 'Water level'],
  level: ['水位', 'Level'],
  flow: ['流量', 'Flow'],
  powerState: ['电源', 'Power'],
  illuminanceLevel: ['照度', 'Brightness'],
  brightness: ['亮度', 'Brightness'],
  batteryLevel: ['电量', 'Battery'],
  deviceState: ['设备状态', 'Device state'],
  value: ['值', 'Value'],
  pump: ['水泵', 'Pump'],
  message: ['显示内容', 'Message'],
  status: ['状态', 'Status'],
  name: ['名称', 'Name'],
  description: ['说明', 'Description'],
  category: ['类别', 'Category'],
  pumpedBy: ['排水泵', 'Pumped by'],
  refRoadSegment: ['所在路段', 'Road segment'],
  refDevice: ['设备', 'Device'],
  guidedBy: ['引导屏', 'Guided by'],
};

export function attributeName(attribute: string, language: 'zh' | 'en', given?: Record<string, Text>): string {
  const own = given?.[attribute];
  if (own) return own[language] || own.en;
  const pair = known[attribute];
  if (pair) return language === 'zh' ? pair[0] : pair[1];
  return attribute;
}
