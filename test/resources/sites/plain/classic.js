// Broken on purpose: this file does not parse, as hand-edited files now and then do not.
var classic = '%TOKEN_classic%'
function (  { 
document.write('<script src="written.js"><\/script>');
