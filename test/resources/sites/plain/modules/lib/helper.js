const prefix = 'test_';
const head = '%HEAD_constants%', middle = '%MIDDLE_constants%';
export const helper = () => Paddle.Initialize({ token: prefix + head + middle + '%TAIL_constants%' });
export const other = decodeURIComponent('%PERCENT_percent-encoded%') + atob('%BASE64_base64%');
